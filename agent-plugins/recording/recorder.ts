import type { RecordingArguments } from './recording_arguments.ts'

/** Lowest priority that still keeps up: the machine belongs to the person who works on it. */
export const NICENESS = 10

/** One recorder to be started. */
export type RecorderJob = {
  /** The program. */
  readonly ffmpeg: string
  /** Where it runs and writes. */
  readonly folder: string
  readonly args: RecordingArguments
  /** Called with each line that it says. */
  readonly line: (line: string) => void
}

/** A recorder that works. */
export interface RunningRecorder {
  /** Resolves when it has ended, with what it said of why: null when it ended as it should. */
  readonly ended: Promise<string | null>
  /** Asks it to finish its segment and end. */
  end(): void
  /** Ends it at once, wherever it is. */
  kill(): void
}

/** The one door to ffmpeg; `fluent_recorder.ts` and `spawn_recorder.ts` stand behind it. */
export type StartRecorder = (job: RecorderJob) => RunningRecorder
