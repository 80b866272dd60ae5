/** Something by which the person at the machine can see that they are observed. */
export interface Indicator {
  /** `page`, `terminal`, `tray`. */
  readonly name: string
  /** Whether a person could see it at this moment. */
  isAlive(): boolean
}

/**
 * All indicators of one agent. What cannot be seen is not done: while none of them is alive, nothing
 * is captured.
 */
export class Indicators {
  readonly #all = new Set<Indicator>()

  /** Takes an indicator in; the answer takes it out again. */
  add(indicator: Indicator): () => void {
    this.#all.add(indicator)
    return () => this.#all.delete(indicator)
  }

  /** Names of those that are alive. One that cannot say so is not. */
  alive(): readonly string[] {
    return [...this.#all].filter(isAlive).map(({ name }) => name)
  }
}

function isAlive(indicator: Indicator): boolean {
  try {
    return indicator.isAlive()
  } catch {
    return false // an indicator that is broken shows nothing
  }
}
