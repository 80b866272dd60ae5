import type { GapDraft, ObservationKind, RecordOutcome } from './observation.ts'
import type { PutOutcome } from './spool.ts'

/** Since when each kind could not be recorded, in milliseconds since 1970. */
export type OpenGaps = Readonly<Record<string, number>>

export type SpoolGapsOptions = {
  readonly record: (draft: GapDraft) => Promise<RecordOutcome>
  /** Makes the open gaps durable, so that a kill does not hide one; answers whether it could. */
  readonly keep: (open: OpenGaps) => Promise<boolean>
  /** The gaps that were open when the agent ended. */
  readonly open: OpenGaps
}

/**
 * Remembers since when the spool was too full for a kind, and records a gap for that time as soon as
 * the kind is taken again: what is missing is said, not hidden.
 */
export class SpoolGaps {
  readonly #options: SpoolGapsOptions
  readonly #since: Map<string, number>
  /** When a kind that was refused could be observed again. */
  readonly #until = new Map<string, number>()
  #isKept = true

  constructor(options: SpoolGapsOptions) {
    this.#options = options
    this.#since = new Map(Object.entries(options.open))
  }

  /** Somebody asked whether `kind` may be observed, and the spool `isFull` or not. */
  asked(kind: ObservationKind, isFull: boolean, now: number): void {
    if (isFull) {
      this.#until.delete(kind)
      this.#begin(kind, now)
    } else if (this.#since.has(kind) && !this.#until.has(kind)) {
      this.#until.set(kind, now)
    }
  }

  /** Takes note of what became of an item of `kind` at `now`, milliseconds since 1970. */
  async note(kind: ObservationKind, outcome: PutOutcome, now: number): Promise<void> {
    if (kind === 'gap') {
      return
    }
    if (outcome.status === 'refused') {
      this.#begin(kind, now)
    } else {
      this.asked(kind, false, now)
      await this.#close()
    }
    if (!this.#isKept) {
      this.#isKept = await this.#options.keep(Object.fromEntries(this.#since))
    }
  }

  #begin(kind: string, now: number): void {
    if (!this.#since.has(kind)) {
      this.#since.set(kind, now)
      this.#isKept = false
    }
  }

  async #close(): Promise<void> {
    for (const [kind, until] of this.#until) {
      const since = this.#since.get(kind)
      if (since === undefined || (await this.#record(kind, since, until))) {
        this.#since.delete(kind)
        this.#until.delete(kind)
        this.#isKept = false
      }
    }
  }

  async #record(kind: string, since: number, until: number): Promise<boolean> {
    const outcome = await this.#options.record({
      kind: 'gap',
      what: kind,
      cause: 'spool_full',
      from: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
    })
    return outcome.status === 'accepted'
  }
}
