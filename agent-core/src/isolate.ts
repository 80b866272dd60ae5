import type { FullTap } from 'tapable'
import { AgentError, asError } from './errors.ts'
import type { AgentHooks, HookName } from './hooks.ts'

/** What a hook does when a tap fails: go on without it, answer `false`, or let the caller know. */
type Failing = 'skip' | 'no' | 'throw'

type Rule = {
  readonly failing: Failing
  readonly limitMs: number | null
  readonly isCounted: boolean
}

/**
 * The rule of each hook. `limitMs` is how long one tap may take; what talks to the network has
 * limits of its own. Only taps that run again and again count for the breaker.
 */
const RULES: Readonly<Record<HookName, Rule>> = {
  validate: { failing: 'skip', limitMs: 30_000, isCounted: false },
  enrol: { failing: 'throw', limitMs: 60_000, isCounted: false },
  start: { failing: 'skip', limitMs: 30_000, isCounted: false },
  shouldObserve: { failing: 'no', limitMs: null, isCounted: true },
  enrich: { failing: 'skip', limitMs: 5_000, isCounted: true },
  recorded: { failing: 'skip', limitMs: null, isCounted: true },
  store: { failing: 'throw', limitMs: null, isCounted: true },
  deliver: { failing: 'throw', limitMs: null, isCounted: false },
  settled: { failing: 'skip', limitMs: 5_000, isCounted: true },
  status: { failing: 'skip', limitMs: 2_000, isCounted: true },
  policyChanged: { failing: 'skip', limitMs: 10_000, isCounted: true },
  failed: { failing: 'skip', limitMs: null, isCounted: false },
  stop: { failing: 'skip', limitMs: 3_000, isCounted: false },
}

/** Figures of the breaker of one plugin. */
export const BREAKER = { opensAfter: 5, firstMs: 60_000, mostMs: 15 * 60_000 } as const

export type Isolation = {
  /** A tap failed. Must not throw. */
  readonly failed: (plugin: string, hook: HookName, error: Error) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** The breaker of a plugin opened for `ms`, or closed (null). */
  readonly breaker: (plugin: string, ms: number | null) => void
  /** Per-hook time limits in milliseconds, for tests. */
  readonly limits?: Partial<Record<HookName, number>>
}

type Breaker = { failures: number; opened: number; until: number }

/**
 * Puts every tap of every hook in a shell: what it throws, rejects with or never ends becomes
 * `failed` and stops nobody else. A plugin whose taps keep failing is left alone for a while, one
 * minute at first and up to fifteen, and then tried again. Must be called before the first tap.
 */
export class Isolate {
  readonly #options: Isolation
  readonly #breakers = new Map<string, Breaker>()
  readonly #off = new Set<string>()
  #refusedBy: string | null = null

  constructor(hooks: AgentHooks, options: Isolation) {
    this.#options = options
    for (const name of Object.keys(hooks) as HookName[]) {
      const hook = hooks[name] as unknown as { intercept(interceptor: { register: Wrap }): void }
      hook.intercept({ register: (tap) => ({ ...tap, fn: this.#shell(name, tap) }) })
    }
  }

  /** Switches a plugin off for good: none of its taps runs any more. */
  switchOff(plugin: string): void {
    this.#off.add(plugin)
  }

  isOff(plugin: string): boolean {
    return this.#off.has(plugin)
  }

  /** The plugin whose tap of `shouldObserve` last said no. */
  get refusedBy(): string | null {
    return this.#refusedBy
  }

  /** Whether a plugin is left alone now, or off. */
  isResting(plugin: string): boolean {
    const now = this.#options.now()
    const until = [plugin, turnsOf(plugin)].map((key) => this.#breakers.get(key)?.until ?? 0)
    return this.#off.has(plugin) || Math.max(...until) > now
  }

  /** A turn of its schedule failed: that counts as a tap that fails, and no tap that works makes up for it. */
  turnFailed(plugin: string): void {
    this.#count(plugin, turnsOf(plugin))
  }

  /** A turn of its schedule ended well. */
  turnPassed(plugin: string): void {
    this.#clear(plugin, turnsOf(plugin))
  }

  #shell(hook: HookName, tap: RegisteredTap): Tapped {
    const rule = RULES[hook]
    const limitMs = this.#options.limits?.[hook] ?? rule.limitMs
    if (tap.type === 'sync') {
      const call = (args: readonly unknown[]): unknown => {
        if (this.isResting(tap.name)) {
          return this.#absent(rule, args)
        }
        try {
          const result = tap.fn(...args)
          this.#passed(tap.name, rule)
          return result
        } catch (error) {
          return this.#broke(hook, tap, rule, error)
        }
      }
      return (...args) => {
        const result = call(args)
        this.#refusedBy = result === false ? tap.name : this.#refusedBy
        return result
      }
    }
    const run = async (args: readonly unknown[]): Promise<unknown> => {
      if (this.isResting(tap.name)) {
        return this.#absent(rule, args)
      }
      try {
        const result = await withLimit(promiseOf(tap, args), limitMs, hook)
        this.#passed(tap.name, rule)
        return result
      } catch (error) {
        return this.#broke(hook, tap, rule, error)
      }
    }
    if (tap.type === 'promise') {
      return (...args) => run(args)
    }
    return (...args) => {
      const callback = args.at(-1) as (error: unknown, result?: unknown) => void
      run(args.slice(0, -1)).then(
        (result) => callback(null, result),
        (error: unknown) => callback(error)
      )
    }
  }

  /** A broken exclusion must not open what it closes: its answer is no, except for liveness. */
  #absent(rule: Rule, args: readonly unknown[]): unknown {
    return rule.failing === 'no' && args[0] !== 'heartbeat' ? false : undefined
  }

  #broke(hook: HookName, tap: RegisteredTap, rule: Rule, thrown: unknown): unknown {
    const error = asError(thrown)
    this.#options.failed(tap.name, hook, error)
    if (rule.isCounted) {
      this.#count(tap.name, tap.name)
    }
    if (hook === 'validate' && error instanceof AgentError && error.code === 'E_INVALID_OPTION') {
      throw error
    }
    if (hook === 'enrich' && tap.fatal === true) {
      throw new AgentError(
        'E_DRAFT_DROPPED',
        `Expected the redaction of ${tap.name}, found: ${error.message}`,
        {
          cause: error,
        }
      )
    }
    if (rule.failing === 'throw') {
      throw error
    }
    return rule.failing === 'no' ? false : undefined
  }

  #passed(plugin: string, rule: Rule): void {
    if (rule.isCounted) {
      this.#clear(plugin, plugin)
    }
  }

  #clear(plugin: string, key: string): void {
    const breaker = this.#breakers.get(key)
    this.#breakers.delete(key)
    if (breaker !== undefined && breaker.opened > 0 && !this.isResting(plugin)) {
      this.#options.breaker(plugin, null)
    }
  }

  #count(plugin: string, key: string): void {
    const breaker = this.#breakers.get(key) ?? { failures: 0, opened: 0, until: 0 }
    breaker.failures += 1
    if (breaker.failures >= BREAKER.opensAfter) {
      const ms = Math.min(BREAKER.mostMs, BREAKER.firstMs * 2 ** breaker.opened)
      breaker.opened += 1
      breaker.until = this.#options.now() + ms
      this.#options.breaker(plugin, ms)
    }
    this.#breakers.set(key, breaker)
  }
}

/** Where failures of a plugin's turns are counted, apart from those of its taps. */
function turnsOf(plugin: string): string {
  return `${plugin} turns`
}

type Tapped = (...args: readonly unknown[]) => unknown
type RegisteredTap = FullTap & { readonly fn: Tapped; readonly fatal?: boolean }
type Wrap = (tap: RegisteredTap) => RegisteredTap

function promiseOf(tap: RegisteredTap, args: readonly unknown[]): Promise<unknown> {
  if (tap.type === 'promise') {
    return Promise.resolve(tap.fn(...args))
  }
  return new Promise((resolve, reject) => {
    tap.fn(...args, (error: unknown, result: unknown) =>
      error ? reject(asError(error)) : resolve(result)
    )
  })
}

async function withLimit(
  work: Promise<unknown>,
  limitMs: number | null,
  hook: HookName
): Promise<unknown> {
  if (limitMs === null) {
    return work
  }
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new AgentError(
          'E_TAP_TIMEOUT',
          `Expected "${hook}" to end within ${limitMs / 1000} s, found it hanging`
        )
      )
    }, limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
