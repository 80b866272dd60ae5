import type { GapDraft, ObservationKind, RecordOutcome } from './observation.ts'
import type { PutOutcome } from './spool.ts'

/**
 * Remembers since when the spool was too full for a kind, and records a gap for that time as soon as
 * an item of the kind is taken again: what is missing is said, not hidden.
 */
export class SpoolGaps {
  readonly #record: (draft: GapDraft) => Promise<RecordOutcome>
  readonly #since = new Map<ObservationKind, number>()

  constructor(record: (draft: GapDraft) => Promise<RecordOutcome>) {
    this.#record = record
  }

  /** Takes note of what became of an item of `kind` at `now`, milliseconds since 1970. */
  async note(kind: ObservationKind, outcome: PutOutcome, now: number): Promise<void> {
    if (kind === 'gap') {
      return
    }
    const since = this.#since.get(kind)
    if (outcome.status === 'refused') {
      this.#since.set(kind, since ?? now)
    } else if (since !== undefined && (await this.#close(kind, since, now))) {
      this.#since.delete(kind)
    }
  }

  async #close(kind: ObservationKind, since: number, now: number): Promise<boolean> {
    const outcome = await this.#record({
      kind: 'gap',
      what: kind,
      cause: 'spool_full',
      from: new Date(since).toISOString(),
      until: new Date(now).toISOString(),
    })
    return outcome.status === 'accepted'
  }
}
