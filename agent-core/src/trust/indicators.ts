/** Something by which the person at the machine can see that they are observed. */
export interface Indicator {
  /** `page`, `terminal`, `tray`. */
  readonly name: string
  /** Whether a person could see it at this moment. */
  isAlive(): boolean
  /** Optional: whether it was shown and a person relies on it, so that no other one stands in for it. */
  isOwed?(): boolean
}

/**
 * All indicators of one agent. What cannot be seen is not done: while none of them is alive, or one is
 * gone that is owed, nothing is captured.
 */
export class Indicators {
  readonly #all = new Set<Indicator>()

  /** Takes an indicator in; the answer takes it out again. */
  add(indicator: Indicator): () => void {
    this.#all.add(indicator)
    return () => this.#all.delete(indicator)
  }

  /** Names of those that are alive; none while one that is owed is gone. One that cannot say so is not alive. */
  alive(): readonly string[] {
    return this.missing() === null ? [...this.#all].filter(isAlive).map(({ name }) => name) : []
  }

  /** Name of one that is owed and gone, or null. */
  missing(): string | null {
    const owed = [...this.#all].find((one) => one.isOwed?.() === true && !isAlive(one))
    return owed?.name ?? null
  }
}

function isAlive(indicator: Indicator): boolean {
  try {
    return indicator.isAlive()
  } catch {
    return false // an indicator that is broken shows nothing
  }
}
