import User from '#models/user'
import { categoriser, loadRules } from '#services/categories/rules'
import { HOUR_MS } from '#services/rollups/dirty'
import { countDay, writeDay } from '#services/rollups/days'
import { withFormer, withFormerDay } from '#services/rollups/reduced'
import { countHours, isEmpty, rangesOf } from '#services/rollups/hours'
import { addDays, dayOf, startOfDay, type Calendar, type Day } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { LONGEST_CARRY_MS, MARGIN_MS } from '#services/timeline/sessions'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { setImmediate as turn } from 'node:timers/promises'

/** Marks of hours that are taken in one transaction, so that none keeps others waiting for long. */
const CHUNK = 96

/** The same where nobody waits: a rebuild, a demo. */
export const BULK_CHUNK = 1200

export type Settled = { hours: number; days: number }

let running: Promise<Settled> | null = null

/**
 * Counts every marked hour and day anew, from what was observed, for `budgetMs` at the most. Marks are
 * deleted first, in the transaction that counts: what arrives meanwhile waits or marks anew. One run at
 * a time in a process; several processes wait for each other's marks. Requests get their turn after each
 * transaction: SQLite answers at once, and a loop of such answers would let nobody else in.
 */
export async function settleRollups(budgetMs = Infinity, chunk = CHUNK): Promise<Settled> {
  running ??= settle(Date.now() + budgetMs, chunk).finally(() => {
    running = null
  })
  return running
}

/** How much is marked and not yet counted. */
export async function pendingRollups(): Promise<Settled> {
  const count = async (table: string) =>
    Number((await db.from(table).count('* as count').first())?.count ?? 0)
  return { hours: await count('dirty_hours'), days: await count('dirty_days') }
}

async function settle(end: number, chunk: number): Promise<Settled> {
  const settled = { hours: 0, days: 0 }
  const categoryOf = categoriser(await loadRules())
  while (Date.now() < end) {
    const first: { agent_id: number } | null = await db.from('dirty_hours').first()
    if (!first) {
      break
    }
    settled.hours += await settleHours(first.agent_id, categoryOf, chunk)
    await turn()
  }
  while (Date.now() < end) {
    const first: { person_id: number } | null = await db.from('dirty_days').first()
    if (!first) {
      break
    }
    settled.days += await settleDays(first.person_id, categoryOf, Math.ceil(chunk / 8))
    await turn()
  }
  return settled
}

type CategoryOf = ReturnType<typeof categoriser>

async function settleHours(
  agentId: number,
  categoryOf: CategoryOf,
  chunk: number
): Promise<number> {
  return db.transaction(async (trx) => {
    const marks: { hour: number }[] = await trx
      .from('dirty_hours')
      .where('agent_id', agentId)
      .orderBy('hour')
      .limit(chunk)
      .select('hour')
    const hours = marks.map(({ hour }) => Number(hour))
    await trx.from('dirty_hours').where('agent_id', agentId).whereIn('hour', hours).delete()
    for (const range of rangesOf(hours)) {
      const counted = await withFormer(
        agentId,
        await countHours(agentId, range, categoryOf, trx),
        trx
      )
      for (const table of ['rollup_hours', 'rollup_hour_categories']) {
        await trx
          .from(table)
          .where('agent_id', agentId)
          .where('hour', '>=', range.from)
          .where('hour', '<', range.until)
          .delete()
      }
      const full = counted.filter((hour) => !isEmpty(hour))
      if (full.length > 0) {
        await trx
          .table('rollup_hours')
          .multiInsert(full.map(({ hour, sums }) => ({ agent_id: agentId, hour, ...sums })))
      }
      const categories = full.flatMap(({ hour, categories: times }) =>
        [...times].map(([id, ms]) => ({ agent_id: agentId, hour, category_id: id, active_ms: ms }))
      )
      if (categories.length > 0) {
        await trx.table('rollup_hour_categories').multiInsert(categories)
      }
    }
    await markDays(trx, agentId, hours)
    return hours.length
  })
}

/** Marks the days of the agent's person that the hours can change. */
async function markDays(trx: TransactionClientContract, agentId: number, hours: readonly number[]) {
  const person = await User.query({ client: trx })
    .whereIn('id', (agents) => {
      agents.from('agents').where('id', agentId).select('person_id')
    })
    .first()
  if (person) {
    const calendar = await calendarOf(person, trx)
    const days = new Set(hours.flatMap((hour) => daysTouched(calendar, hour)))
    await insertDayMarks(trx, person.id, [...days])
  }
}

/** A session reaches into the day after, and its break into the one before. */
export function daysTouched(calendar: Calendar, hour: number): Day[] {
  const day = dayOf(calendar, hour)
  const reach = LONGEST_CARRY_MS + MARGIN_MS
  return [
    ...(hour < startOfDay(calendar, day) + reach ? [addDays(day, -1)] : []),
    day,
    ...(hour + HOUR_MS + MARGIN_MS > startOfDay(calendar, addDays(day, 1))
      ? [addDays(day, 1)]
      : []),
  ]
}

export async function insertDayMarks(
  client: Pick<TransactionClientContract, 'insertQuery'>,
  personId: number,
  days: readonly Day[]
) {
  const marks = [...days].sort().map((day) => ({ person_id: personId, day }))
  if (marks.length > 0) {
    const query = client.insertQuery().table('dirty_days')
    query.knexQuery.insert(marks).onConflict().ignore()
    await query
  }
}

async function settleDays(
  personId: number,
  categoryOf: CategoryOf,
  chunk: number
): Promise<number> {
  return db.transaction(async (trx) => {
    const marks: { day: Day }[] = await trx
      .from('dirty_days')
      .where('person_id', personId)
      .orderBy('day')
      .limit(chunk)
      .select('day')
    const days = marks.map(({ day }) => day)
    await trx.from('dirty_days').where('person_id', personId).whereIn('day', days).delete()
    const person = await User.query({ client: trx }).where('id', personId).preload('agents').first()
    if (person) {
      const calendar = await calendarOf(person, trx)
      for (const day of days) {
        const counted = await countDay(person, calendar, day, categoryOf, trx)
        await writeDay(trx, await withFormerDay(person, counted, startOfDay(calendar, day), trx))
      }
    }
    return days.length
  })
}
