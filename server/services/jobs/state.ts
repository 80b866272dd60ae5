import { QueueManager } from '@adonisjs/queue'
import db from '@adonisjs/lucid/services/db'
import type { QueryClientContract } from '@adonisjs/lucid/types/database'

/** How the queue is: jobs that wait, and how long ago the most overdue of what repeats was due. */
export type QueueState = { readonly waiting: number; readonly lag_seconds: number }

/** A job that was tried as often as it may be. */
export type FailedJob = {
  readonly id: number
  readonly name: string
  readonly payload: string
  readonly error: string
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly failed_at: number
}

/** Later than this, nobody works on the queue. */
export const LATE_SECONDS = 300

/** What repeats is due at known times, so its lag tells of a worker that is gone, with every driver. */
export async function queueState(now = Date.now()): Promise<QueueState> {
  const queue = QueueManager.use()
  const [waiting, schedules] = await Promise.all([
    queue.sizeOf('default'),
    queue.listSchedules({ status: 'active' }),
  ])
  const overdue = schedules.map(({ nextRunAt }) => now - (nextRunAt?.getTime() ?? now))
  return { waiting, lag_seconds: Math.max(0, Math.round(Math.max(0, ...overdue) / 1000)) }
}

/** Jobs that were given up, newest first. */
export async function failedJobs(limit = 100): Promise<FailedJob[]> {
  const rows: FailedJob[] = await db.from('failed_jobs').orderBy('id', 'desc').limit(limit)
  return rows.map((row) => ({ ...row, failed_at: Number(row.failed_at) }))
}

/** Takes jobs off the list. Gives how many were on it. */
export async function forgetFailedJobs(
  failed: readonly Pick<FailedJob, 'id'>[],
  client: QueryClientContract = db.connection()
): Promise<number> {
  const ids = failed.map(({ id }) => id)
  return Number(await client.from('failed_jobs').whereIn('id', ids).delete())
}

/** What repeats: how often, when it ran last and when it runs next; instants and spans in milliseconds. */
export async function repeatingJobs() {
  const schedules = await QueueManager.use().listSchedules({ status: 'active' })
  return schedules
    .map(({ id, everyMs, lastRunAt, nextRunAt }) => ({
      id,
      everyMs,
      lastRunAt: lastRunAt?.getTime() ?? null,
      nextRunAt: nextRunAt?.getTime() ?? null,
    }))
    .sort((one, other) => one.id.localeCompare(other.id))
}
