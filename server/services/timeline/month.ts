import type User from '#models/user'
import {
  addDays,
  daysBetween,
  startOfDay,
  zoneOn,
  type Calendar,
  type Day,
} from '#services/timeline/calendar'
import { reducedDays } from '#services/timeline/decay'
import { loadObserved } from '#services/timeline/observed'
import { coverageOf, cutDay, mergeObserved } from '#services/timeline/person_day'
import { reachOfDay } from '#services/timeline/sessions'
import { clip, intersect, subtract, union, type Span } from '#services/timeline/spans'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

const HOUR = 3_600_000
const WEEKS = 4

/**
 * The last four weeks of a person, from a Monday on: each day with its active time, and how often the
 * person was active in each hour of the week, from 0 to 1.
 */
export async function monthOf(person: User, calendar: Calendar, today: Day) {
  const weekday = DateTime.fromISO(today).weekday
  const first = addDays(today, 1 - weekday - 7 * (WEEKS - 1))
  const span = {
    from: reachOfDay(calendar, first).from,
    until: reachOfDay(calendar, today).until,
  }
  const agentIds = person.agents.map(({ id }) => id)
  const merged = mergeObserved(await loadObserved(agentIds, span))
  const reduced = await reducedDays(person, calendar, first, today)
  const days = daysBetween(first, addDays(first, 7 * WEEKS - 1)).map((day) => {
    if (day > today) {
      return { day, isFuture: true, activeMs: 0, first: null, last: null, coverage: null }
    }
    const sums = reduced.get(day)
    if (sums) {
      return { day, isFuture: false, ...sums }
    }
    const { sessions, times } = cutDay(calendar, day, merged)
    return {
      day,
      isFuture: false,
      activeMs: times.activeMs,
      first: sessions[0]?.from ?? null,
      last: sessions.at(-1)?.until ?? null,
      coverage: coverageOf(times),
    }
  })
  const gone = [...reduced].flatMap(([day, { activeMs }]) =>
    cutDay(calendar, day, merged).times.activeMs < activeMs ? [spanOfDay(calendar, day)] : []
  )
  const observed = subtract(merged.states.active, gone).map(wholly)
  const summed = await hoursIn(gone, agentIds)
  const mostMs = Math.max(1, ...days.map(({ activeMs }) => activeMs))
  return {
    weeks: Array.from({ length: WEEKS }, (_, week) => days.slice(week * 7, week * 7 + 7)),
    mostMs,
    heat: heatOf([...observed, ...summed], calendar, first, today),
  }
}

/** Active time in a span, spread evenly over it. */
type Activity = Span & { readonly activeMs: number }

function spanOfDay(calendar: Calendar, day: Day): Span {
  return { from: startOfDay(calendar, day), until: startOfDay(calendar, addDays(day, 1)) }
}

const wholly = ({ from, until }: Span): Activity => ({ from, until, activeMs: until - from })

/**
 * The hours of times whose events are gone, by their sums. At several computers at once a person is
 * as active as at the one that saw most of it: what was at the same time, sums do not say.
 */
async function hoursIn(times: readonly Span[], agentIds: readonly number[]): Promise<Activity[]> {
  const spans = union(times)
  const first = spans[0]
  const last = spans.at(-1)
  if (!first || !last) {
    return []
  }
  const rows: { hour: number; active: number }[] = await db
    .from('rollup_hours')
    .whereIn('agent_id', [...agentIds])
    .where('hour', '>', first.from - HOUR)
    .where('hour', '<', last.until)
    .groupBy('hour')
    .select('hour')
    .max('active_ms as active')
  return rows.flatMap(({ hour, active }) => {
    const whole = { from: Number(hour), until: Number(hour) + HOUR }
    return intersect([whole], spans).map(({ from, until }) => ({
      from,
      until,
      activeMs: (Number(active) * (until - from)) / HOUR,
    }))
  })
}

/** For each weekday and hour on the person's wall, the share of it in which the person was active. */
function heatOf(active: readonly Activity[], calendar: Calendar, from: Day, to: Day): number[][] {
  const sums = Array.from({ length: 7 }, () => new Array<number>(24).fill(0))
  for (const day of daysBetween(from, to)) {
    const zone = zoneOn(calendar, day)
    const midnight = startOfDay({ ...calendar, dayStartMinutes: 0 }, day)
    const next = startOfDay({ ...calendar, dayStartMinutes: 0 }, addDays(day, 1))
    const shares = active.map((one) => ({ ...one, share: one.activeMs / (one.until - one.from) }))
    for (const span of clip(shares, { from: midnight, until: next })) {
      for (let at = span.from; at < span.until; ) {
        const time = DateTime.fromMillis(at, { zone })
        const end = Math.min(span.until, time.startOf('hour').toMillis() + HOUR)
        const row = sums[time.weekday - 1]
        if (row) {
          row[time.hour] = (row[time.hour] ?? 0) + (end - at) * span.share
        }
        at = end
      }
    }
  }
  return sums.map((row) => row.map((ms) => Math.min(1, ms / (WEEKS * HOUR))))
}
