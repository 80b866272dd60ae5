import { LiveTransport } from '#services/live_transport'
import env from '#start/env'
import { defineConfig } from '@adonisjs/transmit'

export default defineConfig({
  /** Keeps proxies from closing a quiet stream. */
  pingInterval: '30s',

  /** With Redis, what one process tells reaches the pages that are open at another. */
  transport: env.get('REDIS_HOST')
    ? { driver: () => new LiveTransport(), channel: 'worksight:live' }
    : null,
})
