import env from '#start/env'
import { defineConfig } from '@adonisjs/redis'
import type { InferConnections } from '@adonisjs/redis/types'

/** Where the Redis is that several server processes share; nothing connects while there is none. */
export const redisAddress = {
  host: env.get('REDIS_HOST', '127.0.0.1'),
  port: env.get('REDIS_PORT') ?? 6379,
  username: env.get('REDIS_USERNAME'),
  password: env.get('REDIS_PASSWORD'),
  db: env.get('REDIS_DB') ?? 0,

  /** It is tried again for as long as the process lives, every two seconds at the most. */
  retryStrategy: (attempt: number) => Math.min(2000, attempt * 100),

  /** A request fails after this many attempts instead of waiting for ever. */
  maxRetriesPerRequest: 3,
}

const redisConfig = defineConfig({
  connection: 'main',
  connections: { main: { ...redisAddress, keyPrefix: 'worksight:' } },
})

export default redisConfig

declare module '@adonisjs/redis/types' {
  export interface RedisConnections extends InferConnections<typeof redisConfig> {}
}
