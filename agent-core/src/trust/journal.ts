import type { Clock } from '../plugin.ts'
import type { Observation } from '../observation.ts'
import type { Verdict } from '../verdict.ts'

/** How long what was sent is shown, in milliseconds. */
const SHOWN_MS = 60 * 60_000
/** Most entries, and most bytes of pictures, that are remembered. */
const MOST = { entries: 5_000, pictures: 12, pictureBytes: 24 * 1024 * 1024 } as const

/** One observation as the person at the machine may see it. Times are milliseconds since 1970. */
export type JournalEntry = {
  readonly observation: Observation
  /** Bytes beside the description; 0 for an event. */
  readonly bytes: number
  readonly recordedAt: number
  readonly settledAt: number | null
  /** What the server said; null while it waits. */
  readonly verdict: Verdict['status'] | null
}

export type Picture = { readonly mediaType: string; readonly data: Uint8Array }

/**
 * What this agent recorded and sent within the last hour, word for word, and its newest pictures. It
 * lives in memory alone: showing a person what was taken must not keep it longer on the disk.
 */
export class Journal {
  readonly #clock: Pick<Clock, 'now'>
  readonly #entries = new Map<string, JournalEntry>()
  readonly #pictures = new Map<string, Picture>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  recorded(observation: Observation, payload: Uint8Array | undefined): void {
    this.#entries.set(observation.id, {
      observation,
      bytes: payload?.byteLength ?? 0,
      recordedAt: this.#clock.now(),
      settledAt: null,
      verdict: null,
    })
    if (observation.kind === 'screenshot' && payload !== undefined) {
      this.#pictures.set(observation.id, { mediaType: observation.media_type, data: payload })
    }
    this.#forget()
  }

  settled({ id }: Pick<Observation, 'id'>, { status }: Pick<Verdict, 'status'>): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) {
      this.#entries.set(id, { ...entry, settledAt: this.#clock.now(), verdict: status })
    }
  }

  /** Everything of the last hour, newest first. */
  entries(): readonly JournalEntry[] {
    this.#forget()
    return [...this.#entries.values()].reverse()
  }

  /** The newest pictures that are still here, newest first. */
  pictures(): readonly JournalEntry[] {
    return this.entries().filter(({ observation }) => this.#pictures.has(observation.id))
  }

  picture(id: string): Picture | null {
    return this.#pictures.get(id) ?? null
  }

  /** A picture that was taken back is not shown either. */
  withdraw(id: string): void {
    this.#entries.delete(id)
    this.#pictures.delete(id)
  }

  #forget(): void {
    const oldest = this.#clock.now() - SHOWN_MS
    for (const [id, { recordedAt, settledAt }] of this.#entries) {
      const isOver = (settledAt ?? recordedAt) < oldest
      if (!isOver && this.#entries.size <= MOST.entries) {
        break
      }
      this.withdraw(id)
    }
    let bytes = [...this.#pictures.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
    for (const [id, { data }] of this.#pictures) {
      if (this.#pictures.size <= MOST.pictures && bytes <= MOST.pictureBytes) {
        break
      }
      this.#pictures.delete(id)
      bytes -= data.byteLength
    }
  }
}
