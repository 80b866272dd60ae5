import User from '#models/user'
import { categoriser, loadRules } from '#services/categories/rules'
import { HOUR_MS } from '#services/rollups/dirty'
import { countDays, writeDays } from '#services/rollups/days'
import { withFormer, withFormerDays } from '#services/rollups/reduced'
import { countHours, isEmpty, rangesOf } from '#services/rollups/hours'
import { addDays, dayOf, startsOf, type Calendar, type Day } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { LONGEST_CARRY_MS, MARGIN_MS } from '#services/timeline/sessions'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'

/** Marks of hours that are taken in one transaction, so that none keeps others waiting for long. */
const CHUNK = 96

/** The same where nobody waits: a rebuild, a demo. */
export const BULK_CHUNK = 1200

export type Settled = { hours: number; days: number }

let running: Promise<Settled> | null = null

/**
 * Counts every hour and day that is marked by now anew, from what was observed, for `budgetMs` at the
 * most. Marks are deleted first, in the transaction that counts: what arrives meanwhile waits or marks
 * anew. One run at a time in a process; several processes wait for each other's marks. Whoever has no
 * limit has a run of its own after the one under way; whoever has one waits for that no longer than it.
 */
export function settleRollups(budgetMs = Infinity, chunk = CHUNK): Promise<Settled> {
  const before = running
  if (before && budgetMs < Infinity) {
    return Promise.race([before, wait(budgetMs, { hours: 0, days: 0 }, { ref: false })])
  }
  const run = async () => {
    await before?.catch(() => undefined) // whoever began it hears of it
    return settle(Date.now() + budgetMs, chunk)
  }
  const own = run().finally(() => {
    if (running === own) {
      running = null
    }
  })
  running = own
  return own
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
  await eachMarked('dirty_hours', 'agent_id', end, async (agentId) => {
    const hours = await settleHours(agentId, categoryOf, chunk)
    settled.hours += hours
    return hours === chunk
  })
  const days = Math.ceil(chunk / 8)
  await eachMarked('dirty_days', 'person_id', end, async (personId) => {
    const counted = await settleDays(personId, categoryOf, days)
    settled.days += counted
    return counted === days
  })
  return settled
}

/**
 * Does `work` for each agent or person that has a mark, in the order of their numbers and for as long as
 * `work` says that there is more: a run has an end although marks keep coming. Requests get their turn
 * after each transaction: SQLite answers at once, and a loop of such answers would let nobody else in.
 */
async function eachMarked(
  table: 'dirty_hours' | 'dirty_days',
  column: 'agent_id' | 'person_id',
  end: number,
  work: (id: number) => Promise<boolean>
) {
  let last = 0
  while (Date.now() < end) {
    const next: Record<string, number> | null = await db
      .from(table)
      .where(column, '>', last)
      .orderBy(column)
      .select(column)
      .first()
    const id = Number(next?.[column] ?? 0)
    if (id === 0) {
      return
    }
    while (await work(id)) {
      await turn()
    }
    await turn()
    last = id
  }
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
    await insertDayMarks(trx, person.id, daysTouched(calendar, hours))
  }
}

/** The days that some hours can change: a session reaches into the day after, its break into the one before. */
function daysTouched(calendar: Calendar, hours: readonly number[]): Day[] {
  const startOf = startsOf(calendar)
  const reach = LONGEST_CARRY_MS + MARGIN_MS
  const touched = hours.flatMap((hour) => {
    const day = dayOf(calendar, hour, startOf)
    const next = addDays(day, 1)
    return [
      ...(hour < startOf(day) + reach ? [addDays(day, -1)] : []),
      day,
      ...(hour + HOUR_MS + MARGIN_MS > startOf(next) ? [next] : []),
    ]
  })
  return [...new Set(touched)]
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
      const counted = await countDays(person, calendar, days, categoryOf, trx)
      await writeDays(trx, person.id, await withFormerDays(person, calendar, counted, trx))
    }
    return days.length
  })
}
