import { defineConfig } from '@adonisjs/transmit'

export default defineConfig({
  /** Keeps proxies from closing a quiet stream. */
  pingInterval: '30s',
  transport: null,
})
