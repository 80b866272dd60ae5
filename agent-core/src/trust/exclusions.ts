import type { Exclusion } from '../../contract/policy.ts'
import type { Agent } from '../plugin.ts'
import { compilePattern, folded } from './pattern.ts'
import { SHIPPED_EXCLUSIONS } from './shipped_exclusions.ts'

export type { Exclusion } from '../../contract/policy.ts'

/** A window as exclusions see it; what the system does not tell is `null`. */
export type WindowFacts = { readonly app: string | null; readonly title: string | null }

/** Why a window is never captured, or `null` where nothing excludes it. */
export type IsExcluded = (window: WindowFacts) => string | null

/** Who excluded something. `shipped` is the floor: nobody takes it away. */
export type ExclusionSource = 'shipped' | 'site' | 'policy' | 'person'

const NO_REASON = 'excluded'

/**
 * Compiles lists of exclusions to one question. An exclusion with app and title needs both to match,
 * one with neither excludes nothing. Time is linear in the length of the texts and the number of
 * patterns; there is no pattern that makes it slow.
 */
export function compileExclusions(...lists: readonly (readonly Exclusion[])[]): IsExcluded {
  const rules = lists.flat().flatMap(({ app, title, reason }) => {
    const isNothing = app === null && title === null
    return isNothing ? [] : [{ app: part(app), title: part(title), reason: reason ?? NO_REASON }]
  })
  return (window) => {
    const app = window.app === null ? null : folded(window.app)
    const title = window.title === null ? null : folded(window.title)
    return rules.find((rule) => rule.app(app) && rule.title(title))?.reason ?? null
  }
}

/** A part that is not named matches anything; one that is named never matches what is not known. */
function part(pattern: string | null): (subject: string | null) => boolean {
  if (pattern === null) {
    return () => true
  }
  const matches = compilePattern(pattern)
  return (subject) => subject !== null && matches(subject)
}

/**
 * What is excluded on one agent now: the shipped floor and, over it, what site, policy and person
 * add. A source can change what it added itself, and nothing else.
 */
export class Exclusions {
  readonly #added = new Map<Exclude<ExclusionSource, 'shipped'>, readonly Exclusion[]>()
  #compiled: IsExcluded = compileExclusions(SHIPPED_EXCLUSIONS)

  /** Replaces what `source` adds to the floor. */
  set(source: Exclude<ExclusionSource, 'shipped'>, exclusions: readonly Exclusion[]): void {
    this.#added.set(source, [...exclusions])
    this.#compiled = compileExclusions(SHIPPED_EXCLUSIONS, ...this.#added.values())
  }

  /** Why this window is never captured, or `null`. Ask it for every window, focused or not. */
  isExcluded: IsExcluded = (window) => this.#compiled(window)

  /** All of them, the floor first. */
  list(): readonly (Exclusion & { readonly source: ExclusionSource })[] {
    const named = (source: ExclusionSource, exclusions: readonly Exclusion[]) =>
      exclusions.map((exclusion) => ({ ...exclusion, source }))
    return [
      ...named('shipped', SHIPPED_EXCLUSIONS),
      ...[...this.#added].flatMap(([source, exclusions]) => named(source, exclusions)),
    ]
  }
}

const ofAgent = new WeakMap<Agent, Exclusions>()

/** The exclusions of an agent, for plugins that see windows. They are live: ask anew each time. */
export function exclusionsOf(agent: Agent): Exclusions {
  const known = ofAgent.get(agent) ?? new Exclusions()
  ofAgent.set(agent, known)
  return known
}
