import env from '#start/env'
import { E_DAILY_STORAGE } from '#exceptions/api_errors'
import db from '@adonisjs/lucid/services/db'

const DAY_MS = 86_400_000

/** How old a sum may get before it is asked for again: other processes store as well. */
const FRESH_MS = 60_000

/** Sums remembered at once. */
const MOST_SUMS = 50_000

/** 50 GB: a screen that changes all day, recorded and photographed, needs a fifth of it. */
const DEFAULT_BYTES = 50 * 1024 ** 3

type Sum = { readonly day: number; readonly readAt: number; bytes: number }

/**
 * How many bytes of pictures and recordings one agent may send in a day, UTC, so that one machine
 * cannot fill the disk of all. What was deleted is given back.
 */
export class StorageAllowance {
  readonly #most: number
  readonly #sums = new Map<number, Sum>()

  /** `most` is bytes a day; 0 is no limit. */
  constructor(most: number) {
    this.#most = most
  }

  /** Throws E_DAILY_STORAGE when `bytes` more are more than the agent may send today. */
  async require(agentId: number, bytes: number, now = Date.now()): Promise<void> {
    if (this.#most === 0) {
      return
    }
    const sum = await this.#sumOf(agentId, now)
    if (sum.bytes + bytes > this.#most) {
      const seconds = Math.ceil((startOfDay(now) + DAY_MS - now) / 1000)
      throw Object.assign(new E_DAILY_STORAGE(undefined, { field: 'file' }), {
        retryAfter: seconds,
      })
    }
  }

  /** Notes what was stored. */
  add(agentId: number, bytes: number) {
    const sum = this.#sums.get(agentId)
    if (sum) {
      sum.bytes += bytes
    }
  }

  async #sumOf(agentId: number, now: number): Promise<Sum> {
    const day = startOfDay(now)
    const known = this.#sums.get(agentId)
    if (known && known.day === day && now - known.readAt < FRESH_MS) {
      return known
    }
    const bytes =
      (await storedSince('screenshots', agentId, day)) +
      (await storedSince('recordings', agentId, day))
    if (this.#sums.size >= MOST_SUMS) {
      this.#sums.clear()
    }
    const sum = { day, readAt: now, bytes }
    this.#sums.set(agentId, sum)
    return sum
  }
}

async function storedSince(table: string, agentId: number, from: number): Promise<number> {
  const row = await db
    .from(table)
    .where('agent_id', agentId)
    .where('received_at', '>=', from)
    .sum('bytes as bytes')
    .first()
  return Number(row?.bytes ?? 0)
}

function startOfDay(now: number): number {
  return now - (now % DAY_MS)
}

/** What holds on this server. */
export const storageAllowance = new StorageAllowance(
  env.get('STORAGE_PER_AGENT_PER_DAY', DEFAULT_BYTES)
)
