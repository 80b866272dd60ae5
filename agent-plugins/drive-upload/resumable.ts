/** A session takes chunks in multiples of this; only the last may be shorter. */
export const CHUNK_UNIT = 256 * 1024

/** What came back from a resumable session of Google's, or why nothing did. */
export type SessionAnswer =
  | {
      readonly status: number
      /** The word that Google gives for an error, such as `storageQuotaExceeded`. */
      readonly reason: string | null
      /** The header `Range` as it is. */
      readonly range: string | null
      readonly retryAfterMs: number | null
    }
  | { readonly status: null; readonly message: string }

/**
 * What to do next.
 *
 * - `done`: Google has the whole file.
 * - `send`: go on at byte `from`.
 * - `ask`: nobody knows how much arrived. Wait, at least `retryAfterMs`, then ask.
 * - `reopen`: the session is gone; the server gives another one.
 * - `stop`: this file cannot be stored now, and no other one either. `isFull`: because there is no room.
 */
export type SessionVerdict =
  | { readonly then: 'done' }
  | { readonly then: 'send'; readonly from: number }
  | {
      readonly then: 'ask'
      readonly answered: boolean
      readonly reason: string
      readonly retryAfterMs: number | null
    }
  | { readonly then: 'reopen'; readonly reason: string }
  | { readonly then: 'stop'; readonly isFull: boolean; readonly reason: string }

const RATE_LIMITS: readonly (string | null)[] = [
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
  'sharingRateLimitExceeded',
]
const NO_ROOM: readonly (string | null)[] = [
  'storageQuotaExceeded',
  'quotaExceeded',
  'teamDriveFileLimitExceeded',
  'numChildrenInNonRootLimitExceeded',
]

/** The table of answers: https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable */
export function sessionVerdict(answer: SessionAnswer): SessionVerdict {
  if (answer.status === null) {
    return { then: 'ask', answered: false, reason: answer.message, retryAfterMs: null }
  }
  const { status, reason, retryAfterMs } = answer
  const said = `Google Drive answered ${[status, reason].filter(Boolean).join(' ')}`
  if (status === 200 || status === 201) {
    return { then: 'done' }
  }
  if (status === 308) {
    return { then: 'send', from: offsetOf(answer.range) }
  }
  if (status === 401 || status === 404 || status === 410) {
    return { then: 'reopen', reason: said }
  }
  const isRate = status === 403 && RATE_LIMITS.includes(reason)
  if (status === 408 || status === 429 || status >= 500 || isRate) {
    return { then: 'ask', answered: true, reason: said, retryAfterMs }
  }
  const isFull = status === 403 && NO_ROOM.includes(reason)
  return { then: 'stop', isFull, reason: isFull ? 'Google Drive has no room left' : said }
}

/** `bytes=0-n` says that n + 1 bytes are there; without it there is none. */
function offsetOf(range: string | null): number {
  const last = /^bytes=0-(\d+)$/.exec(range ?? '')?.[1]
  return last === undefined ? 0 : Number(last) + 1
}

/** Google's word for an error, of a body in its form; of a token's endpoint, the error itself. */
export function reasonOf(body: unknown): string | null {
  const { error } = (body ?? {}) as {
    error?: string | { errors?: readonly { reason?: unknown }[] }
  }
  const reason = typeof error === 'string' ? error : error?.errors?.[0]?.reason
  return typeof reason === 'string' ? reason : null
}

/** How many units the next chunk has: more after each that went well, fewer after each that broke. */
export class ChunkSize {
  readonly #most: number
  #units: number

  /** `mostBytes` is a multiple of a unit. */
  constructor(mostBytes: number) {
    this.#most = mostBytes / CHUNK_UNIT
    this.#units = Math.min(FIRST_UNITS, this.#most)
  }

  get bytes(): number {
    return this.#units * CHUNK_UNIT
  }

  passed(): void {
    this.#units = Math.min(this.#most, this.#units * 2)
  }

  broke(): void {
    this.#units = Math.max(1, Math.floor(this.#units / 2))
  }
}

const FIRST_UNITS = 4
