import type { DayMedia, DaySegment } from '#services/timeline/day_media'
import type { PersonDay } from '#services/timeline/person_day'
import { STATES } from '#services/timeline/presence'
import { union, type Span } from '#services/timeline/spans'
import { DateTime } from 'luxon'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Marks in one lane at the most: more cannot be told apart, and weigh. */
const MOST_MARKS = 480

/** Applications that have a colour of their own. */
const COLOURED_APPS = 6

/** The time that the chart shows, and its marks; positions are percents of its width. */
export type Chart = {
  readonly axis: Span
  readonly ticks: readonly Tick[]
  readonly lanes: readonly Lane[]
  readonly apps: readonly { readonly app: string; readonly kind: string; readonly ms: number }[]
}

export type Tick = {
  readonly x: string
  readonly label: string
  /** `hour` ticks are always seen; `ten` ones, each ten minutes, once one zoomed in. */
  readonly size: 'hour' | 'ten'
  readonly isOdd: boolean
}

export type Lane = {
  readonly id: string
  readonly name: string
  readonly marks: readonly {
    readonly x: string
    readonly width: string
    readonly kind: string
  }[]
}

type Mark = Span & { readonly kind: string }

/** The chart of a day, on the wall of `zone`; null when there is nothing to draw. */
export function chartOf(day: PersonDay, media: DayMedia, zone: string): Chart | null {
  const axis = axisOf(day, media, zone)
  if (!axis) {
    return null
  }
  const apps = appsOf(day)
  const kinds = new Map(apps.map(({ app, kind }) => [app, kind]))
  const shots = media.shots.map(({ at }) => ({ from: at, until: at, kind: 'shot' }))
  const lanes = [
    lane('presence', 'Presence', presenceMarks(day), axis),
    lane(
      'app',
      'Application',
      joined(day.windows.map((one) => ({ ...one, kind: kinds.get(one.app) ?? 'app-other' }))),
      axis
    ),
    lane('shot', 'Screenshots', ticksApart(shots, axis), axis, TICK),
    lane('recording', 'Recordings', recordingsOf(media.segments), axis),
    lane(
      'gap',
      'Gaps',
      joined(day.gaps.map((gap) => ({ ...gap, kind: `gap-${gap.cause}` }))),
      axis
    ),
  ]
  return { axis, ticks: ticksOf(axis, zone), lanes, apps }
}

/** Runs of the recorder, from the first segment to the last. */
export function recordingsOf(segments: readonly DaySegment[]): Mark[] {
  const ids = [...new Set(segments.map(({ recordingId }) => recordingId))]
  return ids.flatMap((id) =>
    union(segments.filter(({ recordingId }) => recordingId === id)).map((span) => ({
      ...span,
      kind: 'recording',
    }))
  )
}

/** Applications by the time they were in front, those with the most first. */
function appsOf({ windows }: PersonDay) {
  const times = new Map<string, number>()
  for (const { app, from, until } of windows) {
    times.set(app, (times.get(app) ?? 0) + until - from)
  }
  return [...times]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([app, ms], index) => ({
      app,
      ms,
      kind: index < COLOURED_APPS ? `app-${index + 1}` : 'app-other',
    }))
}

function presenceMarks({ states }: PersonDay): Mark[] {
  return STATES.flatMap((state) => states[state].map((span) => ({ ...span, kind: state })))
}

/** From the hour before the first thing to the hour after the last, and never less than eight hours. */
function axisOf(day: PersonDay, media: DayMedia, zone: string): Span | null {
  const seen: Span[] = [
    ...presenceMarks(day),
    ...day.windows,
    ...day.gaps.filter(({ cause }) => cause !== 'outside_hours' && cause !== 'stopped'),
    ...media.shots.map(({ at }) => ({ from: at, until: at })),
    ...media.segments,
  ]
  if (seen.length === 0) {
    return null
  }
  const first = seen.reduce((least, { from }) => Math.min(least, from), Infinity)
  const last = seen.reduce((most, { until }) => Math.max(most, until), -Infinity)
  const from = DateTime.fromMillis(first - 20 * MINUTE, { zone }).startOf('hour')
  const until = DateTime.fromMillis(last + 80 * MINUTE, { zone }).startOf('hour')
  return { from: from.toMillis(), until: Math.max(until.toMillis(), from.toMillis() + 8 * HOUR) }
}

function ticksOf(axis: Span, zone: string): Tick[] {
  const ticks: Tick[] = []
  const hours = Math.round((axis.until - axis.from) / HOUR)
  const step = hours > 16 ? 2 : 1
  const labels = new Set<string>()
  for (let at = axis.from, number = 0; at < axis.until; at += 10 * MINUTE, number += 1) {
    const time = DateTime.fromMillis(at, { zone }).setLocale('en-GB')
    const isHour = number % (6 * step) === 0
    const clock = time.toFormat('HH:mm')
    // The hour that the clock shows twice says which one it is.
    const label = labels.has(clock) ? `${clock} ${time.offsetNameShort ?? ''}`.trim() : clock
    labels.add(clock)
    ticks.push({
      x: percent(at - axis.from, axis),
      label,
      size: isHour ? 'hour' : 'ten',
      isOdd: isHour && (number / (6 * step)) % 2 === 1,
    })
  }
  return ticks
}

/** Width of the mark of a moment, in percent. */
const TICK = 0.25

function lane(
  id: string,
  name: string,
  marks: readonly Mark[],
  axis: Span,
  leastWidth = 0.08
): Lane {
  const largest = [...marks]
    .sort((a, b) => b.until - b.from - (a.until - a.from))
    .slice(0, MOST_MARKS)
    .sort((a, b) => a.from - b.from)
  return {
    id,
    name,
    marks: largest.map(({ from, until, kind }) => ({
      x: percent(from - axis.from, axis),
      width: `${Math.max(leastWidth, share(until - from, axis)).toFixed(3)}%`,
      kind,
    })),
  }
}

/** Moments so far apart that each is seen: of those that would lie on each other, the first. */
function ticksApart(marks: readonly Mark[], axis: Span): Mark[] {
  const least = (axis.until - axis.from) / MOST_MARKS
  const kept: Mark[] = []
  for (const mark of marks) {
    if (mark.from - (kept.at(-1)?.from ?? -Infinity) >= least) {
      kept.push(mark)
    }
  }
  return kept
}

/** Neighbours of one kind as one mark. */
function joined(marks: readonly Mark[]): Mark[] {
  const kinds = [...new Set(marks.map(({ kind }) => kind))]
  return kinds.flatMap((kind) =>
    union(marks.filter((mark) => mark.kind === kind)).map((span) => ({ ...span, kind }))
  )
}

const share = (length: number, axis: Span) => (length / (axis.until - axis.from)) * 100
const percent = (length: number, axis: Span) => `${share(length, axis).toFixed(3)}%`
