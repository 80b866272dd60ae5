import type { WindowFacts } from '#services/categories/rules'
import { HOUR_MS, hourOf } from '#services/rollups/dirty'
import { loadObserved, type Client } from '#services/timeline/observed'
import { STATES, statesOfAgent, type State } from '#services/timeline/presence'
import { clip, type Span } from '#services/timeline/spans'
import { foreground, whileActive } from '#services/timeline/windows'
import db from '@adonisjs/lucid/services/db'

export type HourSums = Record<`${State}_ms`, number> & {
  heartbeats: number
  activities: number
  screenshots: number
  unchanged: number
  recordings: number
  recording_ms: number
  bytes: number
}

export type Hour = {
  readonly hour: number
  readonly sums: HourSums
  /** Active time by category. */
  readonly categories: ReadonlyMap<number, number>
}

/** Counts the hours of one agent in a span of whole hours anew, from what was observed. */
export async function countHours(
  agentId: number,
  span: Span,
  categoryOf: (window: WindowFacts) => number,
  client: Client
): Promise<Hour[]> {
  const [observed] = await loadObserved([agentId], span, client)
  if (!observed) {
    return []
  }
  const states = statesOfAgent(observed)
  const windows = whileActive(foreground(observed.windows), states.active)
  const hours = new Map<number, { sums: HourSums; categories: Map<number, number> }>()
  for (let hour = span.from; hour < span.until; hour += HOUR_MS) {
    hours.set(hour, { sums: noSums(), categories: new Map() })
  }
  for (const state of STATES) {
    eachHour(states[state], span, (hour, part) => {
      const sums = hours.get(hour)?.sums
      if (sums) {
        sums[`${state}_ms`] += part.until - part.from
      }
    })
  }
  for (const window of clip(windows, span)) {
    const category = categoryOf(window)
    eachHour([window], span, (hour, part) => {
      const categories = hours.get(hour)?.categories
      categories?.set(category, (categories.get(category) ?? 0) + part.until - part.from)
    })
  }
  const add = (at: number, key: keyof HourSums, amount: number) => {
    const sums = hours.get(hourOf(at))?.sums
    if (sums) {
      sums[key] += amount
    }
  }
  for (const event of [...observed.presence, ...observed.windows]) {
    add(event.from, 'activities', 1)
  }
  await countRows(agentId, span, client, add)
  return [...hours].map(([hour, rest]) => ({ hour, ...rest }))
}

export const isEmpty = ({ sums }: Hour) => Object.values(sums).every((value) => value === 0)

async function countRows(
  agentId: number,
  { from, until }: Span,
  client: Client,
  add: (at: number, key: keyof HourSums, amount: number) => void
) {
  const within = (table: string, ...columns: string[]) =>
    client
      .from(table)
      .select('captured_at', ...columns)
      .where('agent_id', agentId)
      .where('captured_at', '>=', from)
      .where('captured_at', '<', until)
  for (const { hour, count } of await heartbeatsByHour(agentId, { from, until }, client)) {
    add(Number(hour), 'heartbeats', Number(count))
  }
  for (const { captured_at: at, bytes } of await within('screenshots', 'bytes')) {
    add(Number(at), 'screenshots', 1)
    add(Number(at), 'bytes', Number(bytes))
  }
  for (const { captured_at: at } of await within('unchanged_screens')) {
    add(Number(at), 'unchanged', 1)
  }
  for (const row of await within('recordings', 'bytes', 'duration_ms')) {
    add(Number(row.captured_at), 'recordings', 1)
    add(Number(row.captured_at), 'recording_ms', Number(row.duration_ms))
    add(Number(row.captured_at), 'bytes', Number(row.bytes))
  }
}

/** The database counts what there is most of: from its key alone, and no row leaves it. */
async function heartbeatsByHour(
  agentId: number,
  { from, until }: Span,
  client: Client
): Promise<{ hour: number; count: number }[]> {
  return client
    .from('heartbeats')
    .where('agent_id', agentId)
    .where('captured_at', '>=', from)
    .where('captured_at', '<', until)
    .select(db.raw(`captured_at - captured_at % ${HOUR_MS} as hour`))
    .count('* as count')
    .groupBy('hour')
}

function noSums(): HourSums {
  return {
    active_ms: 0,
    idle_ms: 0,
    paused_ms: 0,
    locked_ms: 0,
    asleep_ms: 0,
    unknown_ms: 0,
    heartbeats: 0,
    activities: 0,
    screenshots: 0,
    unchanged: 0,
    recordings: 0,
    recording_ms: 0,
    bytes: 0,
  }
}

/** Gives the parts of spans, hour by hour. */
function eachHour(spans: readonly Span[], within: Span, take: (hour: number, part: Span) => void) {
  for (const { from, until } of clip(spans, within)) {
    for (let at = from; at < until; ) {
      const hour = hourOf(at)
      const end = Math.min(until, hour + HOUR_MS)
      take(hour, { from: at, until: end })
      at = end
    }
  }
}

/** The fewest spans of whole hours that hold `hours`, none longer than `most` hours. */
export function rangesOf(hours: readonly number[], most = 72): Span[] {
  const ranges: { from: number; until: number }[] = []
  for (const hour of [...hours].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && hour === last.until && last.until - last.from < most * HOUR_MS) {
      last.until = hour + HOUR_MS
    } else if (!last || hour >= last.until) {
      ranges.push({ from: hour, until: hour + HOUR_MS })
    }
  }
  return ranges
}
