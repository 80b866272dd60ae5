import env from '#start/env'
import { defineConfig, drivers } from '@adonisjs/queue'

/**
 * Work that outlives a request, and what repeats. One process carries it in its database; the worker
 * runs inside the server unless JOBS is `off`, and then as `node ace queue:work`.
 */
const queueConfig = defineConfig({
  default: 'database',

  adapters: {
    database: drivers.database({ connectionName: env.get('DB_CONNECTION') }),
    sync: drivers.sync(),
  },

  worker: {
    concurrency: 1,
    idleDelay: '5s',
    stalledThreshold: '10m',
  },

  locations: ['./server/jobs/**/*.{ts,js}'],
})

export default queueConfig
