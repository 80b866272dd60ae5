import env from '#start/env'
import limiter from '@adonisjs/limiter/services/main'

/*
| How often the API may be asked. Each process counts in its own memory: the limits are there to keep
| one client from taking the server from the others, and a limit that is asked for with every request
| must cost nothing. Where there is Redis, all processes count there, together.
*/

const MINUTE = '1 minute'

/** Requests a minute of one token. 0 is no limit. */
const perToken = env.get('API_REQUESTS_PER_MINUTE', 12_000)

/** Requests a minute without a valid token, of one address. 0 is no limit. */
const perAddress = env.get('API_REFUSALS_PER_MINUTE', 600)

const store = env.get('REDIS_HOST') ? 'redis' : 'memory'

export const tokenRate = limiter.use(store, { requests: perToken || 1, duration: MINUTE })
export const refusalRate = limiter.use(store, { requests: perAddress || 1, duration: MINUTE })

/** Counts a request with a valid token. Throws E_TOO_MANY_REQUESTS. */
export async function countRequest(key: string): Promise<void> {
  if (perToken > 0) {
    await tokenRate.consume(`token_${key}`)
  }
}

/**
 * Counts a request that no token let in, by its address: guessing ends there, and a fleet behind one
 * address is not held up by it. Throws E_TOO_MANY_REQUESTS.
 */
export async function countRefusal(address: string): Promise<void> {
  if (perAddress > 0) {
    await refusalRate.consume(`refused_${address}`)
  }
}
