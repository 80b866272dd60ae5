import env from '#start/env'
import { defineConfig } from '@adonisjs/core/http'

/** Where the server is reached from outside; links in pages, mails and commands begin with it. */
export const appUrl = env.get('APP_URL')

/** Whether browsers reach the server by TLS; then cookies travel by TLS alone. */
export const isSecure = appUrl.startsWith('https://')

export const http = defineConfig({
  /** Each request has an id; error answers and the log carry the same one. */
  generateRequestId: true,

  /** HTML forms can only GET and POST; `_method` says what they mean. */
  allowMethodSpoofing: true,

  useAsyncLocalStorage: false,

  cookie: {
    domain: '',
    path: '/',
    maxAge: '2h',
    httpOnly: true,
    secure: isSecure,
    sameSite: 'lax',
  },
})
