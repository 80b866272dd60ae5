import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningRecorder, StartRecorder } from './recorder.ts'
import type { RecordingArguments } from './recording_arguments.ts'
import { RunFolder, type RunFacts } from './run_folder.ts'

/** Milliseconds that a recorder gets to finish its segment. */
const FINISH_MS = 1500
/** A beginning that the recorder says and that is further off than this is another clock's. */
const PLAUSIBLE_MS = 60_000

/** One recorder at work on one display. */
export class Run {
  readonly folder: RunFolder
  readonly startedAt: number
  readonly #recorder: RunningRecorder
  #isOver = false
  #failure: string | null = null
  #correction: Promise<void> = Promise.resolve()

  private constructor(folder: RunFolder, start: (line: (text: string) => void) => RunningRecorder) {
    this.folder = folder
    this.startedAt = folder.facts.startedAt
    this.#recorder = start((text) => this.#said(text))
    void this.#recorder.ended.then((failure) => {
      this.#isOver = true
      this.#failure = failure
    })
  }

  static async start(
    base: string,
    facts: RunFacts,
    how: { start: StartRecorder; ffmpeg: string; args: RecordingArguments }
  ): Promise<Run> {
    const folder = await RunFolder.make(base, facts)
    const { start, ffmpeg, args } = how
    return new Run(folder, (line) => start({ ffmpeg, folder: folder.path, args, line }))
  }

  /** Whether the recorder has ended, however. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Why it ended although nobody asked it to, or null. */
  get failure(): string | null {
    return this.#failure
  }

  /** Ends it and waits until it is gone and its folder is as it stays. */
  async stop(): Promise<void> {
    const limit = new AbortController()
    this.#recorder.end()
    await Promise.race([
      this.#recorder.ended,
      sleep(FINISH_MS, undefined, { signal: limit.signal }).catch(() => {}),
    ])
    limit.abort()
    this.#recorder.kill()
    await this.#recorder.ended
    await this.#correction
  }

  /** `Duration: N/A, start: 1795402929.977594, bitrate: …` is the clock of the first picture. */
  #said(line: string): void {
    const seconds = /\bstart: (\d+\.\d+)/.exec(line)?.[1]
    const at = Number(seconds) * 1000
    if (Math.abs(at - this.startedAt) < PLAUSIBLE_MS) {
      // in memory it is corrected all the same; a disk that takes no more is told by what watches it
      this.#correction = this.folder.startedAt(Math.round(at)).catch(() => {})
    }
  }
}
