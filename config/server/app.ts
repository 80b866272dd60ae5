import env from '#start/env'
import { defineConfig } from '@adonisjs/core/http'
import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Where the server is reached from outside; links in pages, mails and commands begin with it. */
export const appUrl = env.get('APP_URL')

/** Whether browsers reach the server by TLS; then cookies travel by TLS alone. */
export const isSecure = appUrl.startsWith('https://')

/** The longest way to write an address, in characters. */
const LONGEST_ADDRESS = 45

export const http = defineConfig({
  /** Each request has an id; error answers and the log carry the same one. */
  generateRequestId: true,

  /** HTML forms can only GET and POST; what they mean is read by server/middleware/method_middleware.ts. */
  allowMethodSpoofing: false,

  useAsyncLocalStorage: false,

  /** What a proxy on this machine says, where that is an address; else who is connected. */
  getIp(request, told) {
    const address = told()
    const isAddress = isIP(address ?? '') > 0 && address.length <= LONGEST_ADDRESS
    return isAddress ? address : (request.request.socket.remoteAddress ?? 'unknown')
  },

  /** An address that is not UTF-8 reaches no route; it is answered like everything else. */
  onBadUrl(_request: IncomingMessage, response: ServerResponse) {
    const error = {
      code: 'E_BAD_URL',
      message: 'The address cannot be read',
      field: 'url',
      help: 'Write the address in UTF-8, percent-encoded.',
      id: randomUUID(),
    }
    response.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8' })
    response.end(JSON.stringify({ error }))
  },

  cookie: {
    domain: '',
    path: '/',
    maxAge: '2h',
    httpOnly: true,
    secure: isSecure,
    sameSite: 'lax',
  },
})
