import type { Timekeeper } from '../src/clock.ts'

type Timer = { readonly at: number; readonly wake: () => void }

/** A clock that moves when it is told to. Both readings move together; `jump` moves the date alone. */
export class ManualClock implements Timekeeper {
  #now: number
  #monotonic = 0
  readonly #timers = new Set<Timer>()

  constructor(now: number | string = '2026-03-02T09:00:00.000Z') {
    this.#now = typeof now === 'number' ? now : Date.parse(now)
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, wake: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, ms), wake }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many calls are waited for. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Lets `ms` milliseconds pass: what falls due is called in its order, and its promises run. */
  async pass(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settle()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#move(next.at - this.#monotonic)
      this.#timers.delete(next)
      next.wake()
      await settle()
    }
    this.#move(end - this.#monotonic)
    await settle()
  }

  /** Moves by `ms` in one step, as after a suspend: what fell due meanwhile is called late. */
  async leap(ms: number): Promise<void> {
    await settle()
    this.#move(ms)
    await this.pass(0)
  }

  /** Sets the date, as a person or a time server does; timers do not notice. */
  jump(ms: number): void {
    this.#now += ms
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers]
      .filter(({ at }) => at <= end)
      .sort((one, other) => one.at - other.at)[0]
  }

  #move(ms: number): void {
    const step = Math.max(0, ms)
    this.#now += step
    this.#monotonic += step
  }
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
