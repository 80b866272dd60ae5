import env from '#start/env'
import { defineConfig, drivers } from '@adonisjs/queue'

/**
 * Work that outlives a request, and what repeats: in Redis where there is one, else in the database. The
 * worker runs inside the server unless JOBS is `off`, and then as `node ace queue:work`.
 */
const queueConfig = defineConfig({
  default: env.get('REDIS_HOST') ? 'redis' : 'database',

  adapters: {
    database: drivers.database({ connectionName: env.get('DB_CONNECTION') }),
    // it would connect wherever it is named
    ...(env.get('REDIS_HOST') && { redis: drivers.redis({ connectionName: 'main' }) }),
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
