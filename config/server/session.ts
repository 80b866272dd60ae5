import { isSecure } from '#config/app'
import app from '@adonisjs/core/services/app'
import { defineConfig, stores } from '@adonisjs/session'

const sessionConfig = defineConfig({
  enabled: true,
  cookieName: 'worksight-session',
  clearWithBrowser: false,

  /** A session ends after this long without a request. */
  age: '8h',

  cookie: { path: '/', httpOnly: true, secure: isSecure, sameSite: 'lax' },

  /** Sessions live in the database, so that signing out ends them and several processes share them. */
  store: app.inTest ? 'memory' : 'database',
  stores: { database: stores.database({ tableName: 'sessions' }) },
})

export default sessionConfig
