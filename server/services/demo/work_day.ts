import type { PresenceState } from '#contract/activity'
import type { GapCause } from '#contract/gap'
import { pickScene, type Character, type Scene } from '#services/demo/cast'
import type { Random } from '#services/demo/random'
import type { Span } from '#services/timeline/spans'

const MINUTE = 60_000

/** What a computer observes in one day of somebody's work, before it is written as rows. */
export type WorkDay = {
  readonly presence: readonly (Span & { readonly state: PresenceState })[]
  readonly windows: readonly (Span & { readonly scene: Scene; readonly title: string })[]
  readonly gaps: readonly (Span & { readonly cause: GapCause })[]
  readonly pictures: readonly { readonly at: number; readonly scene: Scene }[]
  readonly unchanged: readonly number[]
  readonly recordings: readonly Span[]
  readonly withheld: readonly number[]
}

/** Minutes between two pictures. */
const PICTURE_MS = 5 * MINUTE

/**
 * A day of work: stretches of activity with short times away, a lunch with the screen locked, now and
 * then a pause, a computer that slept, a recording. `midnight` is the person's, in milliseconds.
 */
export function workDay(character: Character, midnight: number, random: Random): WorkDay {
  const begin = midnight + (character.begin + random.whole(-12, 25)) * MINUTE
  const end = midnight + (character.end + random.whole(-30, 40)) * MINUTE
  const breaks = breaksOf(begin, end, random)
  const presence: (Span & { state: PresenceState })[] = []
  const gaps: (Span & { cause: GapCause })[] = []
  let at = begin
  for (const rest of [...breaks, { from: end, until: end, kind: 'end' as const }]) {
    while (at < rest.from) {
      const until = Math.min(rest.from, at + random.whole(9, 58) * MINUTE)
      presence.push({ from: at, until, state: 'active' })
      const away = Math.min(rest.from, until + random.whole(3, 14) * MINUTE)
      if (away > until) {
        presence.push({ from: until, until: away, state: 'afk' })
      }
      at = Math.max(until, away)
    }
    if (rest.kind === 'lunch') {
      presence.push({ from: rest.from, until: rest.until, state: 'locked' })
    } else if (rest.kind !== 'end' && rest.kind !== 'silent') {
      gaps.push({ from: rest.from, until: rest.until, cause: rest.kind })
    }
    at = rest.until
  }
  const active = presence.filter(({ state }) => state === 'active')
  const windows = active.flatMap((span) => windowsIn(span, character, random))
  return { presence, windows, gaps, ...media(windows, random) }
}

type Break = Span & { readonly kind: 'lunch' | 'paused' | 'suspended' | 'silent' }

function breaksOf(begin: number, end: number, random: Random): Break[] {
  const middle = Math.round(begin + (end - begin) * 0.45)
  const lunch = {
    kind: 'lunch' as const,
    from: middle,
    until: middle + random.whole(28, 62) * MINUTE,
  }
  const later = Math.round(lunch.until + (end - lunch.until) * (0.3 + random.next() * 0.4))
  const kind = random.pick(['paused', 'paused', 'suspended', 'silent'] as const)
  const second: Break = { kind, from: later, until: later + random.whole(8, 24) * MINUTE }
  return random.chance(0.6) && second.until < end - 20 * MINUTE ? [lunch, second] : [lunch]
}

function windowsIn({ from, until }: Span, { trade }: Character, random: Random) {
  const windows: (Span & { scene: Scene; title: string })[] = []
  for (let at = from; at < until; ) {
    const end = Math.min(until, at + random.whole(70, 840) * 1000)
    const scene = pickScene(trade, random)
    windows.push({ from: at, until: end, scene, title: random.pick(scene.titles) })
    at = end
  }
  return windows
}

function media(windows: readonly (Span & { scene: Scene })[], random: Random) {
  const pictures: { at: number; scene: Scene }[] = []
  const unchanged: number[] = []
  const withheld: number[] = []
  let due = 0
  for (const { from, until, scene } of windows) {
    let at = Math.max(due, from)
    for (; at < until; at += PICTURE_MS) {
      const chance = random.next()
      if (chance < 0.02) {
        withheld.push(at)
      } else if (chance < 0.07) {
        unchanged.push(at)
      } else {
        pictures.push({ at, scene })
      }
    }
    due = at
  }
  const recorded = windows.filter(({ from, until }) => until - from > 6 * MINUTE)
  const recordings = random.chance(0.7) ? [random.pick(recorded), random.pick(recorded)] : []
  return {
    pictures,
    unchanged,
    withheld,
    recordings: [...new Set(recordings)].filter((span) => span !== undefined),
  }
}
