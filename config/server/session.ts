import { isSecure } from '#config/app'
import env from '#start/env'
import string from '@adonisjs/core/helpers/string'
import app from '@adonisjs/core/services/app'
import { defineConfig, stores } from '@adonisjs/session'

/** A session ends after this long without a request. */
const idle = env.get('SESSION_IDLE', '8h')

const sessionConfig = defineConfig({
  enabled: true,
  cookieName: 'worksight-session',
  clearWithBrowser: false,

  age: idle,

  cookie: { path: '/', httpOnly: true, secure: isSecure, sameSite: 'lax' },

  /** Sessions live on the server, so that signing out ends them and several processes share them. */
  store: app.inTest ? 'memory' : env.get('REDIS_HOST') ? 'redis' : 'database',
  stores: {
    database: stores.database({ tableName: 'sessions' }),
    redis: stores.redis({ connection: 'main' }),
  },
})

/** How long a session lasts without a request, in milliseconds. */
export const idleAgeMs = string.milliseconds.parse(idle)

/** How long a session lasts however busy it is, in milliseconds. */
export const absoluteAgeMs = string.milliseconds.parse(env.get('SESSION_ABSOLUTE', '7d'))

export default sessionConfig
