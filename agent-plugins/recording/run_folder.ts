import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { RecordingDraft } from '@worksight/agent-core'
import type { Display } from '@worksight/agent-core/contract/heartbeat'
import { readFragments } from './mp4_fragments.ts'
import { SEGMENT_LIST } from './recording_arguments.ts'

/** What is true of every segment of one run of a recorder. */
export type RunFacts = {
  /** Joins the segments on the wire; also the name of the folder. */
  readonly recordingId: string
  readonly display: Display | null
  readonly frameRate: number
  readonly source: string
  /** Moment of the first picture, milliseconds since 1970. */
  readonly startedAt: number
  /** Moment up to which no excluded window was on the screen; null: up to the end. */
  readonly clearUntil: number | null
}

/** A segment that can be handed over. */
export type Segment = {
  readonly path: string
  /** From 0. */
  readonly index: number
  /** When it begins, in milliseconds from the beginning of the run. */
  readonly startMs: number
  /** Whether the recorder finished it. */
  readonly complete: boolean
}

const FACTS = 'run.json'
const SEGMENT = /^(\d{6})\.mp4$/

/**
 * The folder in which one recorder works: its segments, the list of those it finished, and what the
 * agent needs to know to hand them over even if both were cut off.
 */
export class RunFolder {
  readonly path: string
  #facts: RunFacts
  /** Bytes of the list when it was read last, and when all it named was handed over. */
  #listBytes = 0
  #settledBytes = 0
  #written: Promise<void> = Promise.resolve()

  private constructor(path: string, facts: RunFacts) {
    this.path = path
    this.#facts = facts
  }

  static async make(base: string, facts: RunFacts): Promise<RunFolder> {
    const folder = new RunFolder(join(base, facts.recordingId), facts)
    await mkdir(folder.path, { recursive: true, mode: 0o700 })
    await folder.#write()
    return folder
  }

  /** The folders that recorders left behind; one without readable facts is removed. */
  static async left(base: string): Promise<readonly RunFolder[]> {
    const found: RunFolder[] = []
    for (const name of await namesIn(base)) {
      const path = join(base, name)
      try {
        const facts = JSON.parse(await readFile(join(path, FACTS), 'utf8')) as RunFacts
        found.push(new RunFolder(path, facts))
      } catch {
        await rm(path, { recursive: true, force: true })
      }
    }
    return found
  }

  get facts(): RunFacts {
    return this.#facts
  }

  /** Lets nothing of what was seen after a moment be handed over. */
  async cutAt(clearUntil: number): Promise<void> {
    this.#facts = { ...this.#facts, clearUntil }
    await this.#write()
  }

  /** Corrects the beginning by what the recorder says of its first picture. */
  async startedAt(startedAt: number): Promise<void> {
    this.#facts = { ...this.#facts, startedAt }
    await this.#write()
  }

  /**
   * The segments that can be handed over, in order: those the recorder's list names, and after it
   * ended also the one it was cut off in.
   */
  async segments(hasEnded: boolean): Promise<readonly Segment[]> {
    this.#listBytes = (await stat(join(this.path, SEGMENT_LIST)).catch(() => null))?.size ?? 0
    if (!hasEnded && this.#listBytes === this.#settledBytes) {
      return []
    }
    const listed = await this.#listed()
    const segments: Segment[] = []
    let end = Math.max(0, ...[...listed.values()].map(({ endMs }) => endMs))
    for (const name of (await namesIn(this.path)).sort()) {
      const [, digits] = SEGMENT.exec(name) ?? []
      const known = listed.get(name)
      if (digits === undefined || (known === undefined && !hasEnded)) {
        continue
      }
      const path = join(this.path, name)
      segments.push({
        path,
        index: Number(digits),
        startMs: known?.startMs ?? end,
        complete: known !== undefined,
      })
      end = known?.endMs ?? end
    }
    return segments
  }

  /** All that `segments` gave last is gone: it need not be read again before the list grows. */
  settled(): void {
    this.#settledBytes = this.#listBytes
  }

  /** Bytes of all segments in it, also of the one that grows. */
  async bytes(): Promise<number> {
    const names = (await namesIn(this.path)).filter((name) => SEGMENT.test(name))
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(join(this.path, name)).catch(() => null))?.size ?? 0)
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }

  async #listed(): Promise<Map<string, { startMs: number; endMs: number }>> {
    const text = await readFile(join(this.path, SEGMENT_LIST), 'utf8').catch(() => '')
    const lines = text.split('\n').slice(0, -1) // a last line without its end is not whole
    return new Map(
      lines.flatMap((line) => {
        const [, name, start, end] = /^([^,]+),([\d.]+),([\d.]+)$/.exec(line) ?? []
        return name === undefined
          ? []
          : [[name, { startMs: Number(start) * 1000, endMs: Number(end) * 1000 }] as const]
      })
    )
  }

  /** One after the other: two at once would take the file away from under each other. */
  #write(): Promise<void> {
    this.#written = this.#written.catch(() => {}).then(() => this.#put())
    return this.#written
  }

  async #put(): Promise<void> {
    const path = join(this.path, FACTS)
    await writeFile(`${path}.new`, JSON.stringify(this.#facts), { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
}

/**
 * The description of a segment, or null where nothing in it may be handed over. A segment that was cut
 * off, or that shows more than may be seen, is shortened to its last whole fragment before that.
 */
export async function describe(facts: RunFacts, segment: Segment): Promise<RecordingDraft | null> {
  const untilMs = (facts.clearUntil ?? Infinity) - facts.startedAt - segment.startMs
  const video = await readFragments(segment.path)
  const whole = video?.fragments.filter(({ endMs }) => endMs <= untilMs) ?? []
  const last = whole.at(-1)
  if (video === null || last === undefined || last.endMs === 0) {
    return null
  }
  const complete = segment.complete && whole.length === video.fragments.length
  if (!complete) {
    await truncate(segment.path, last.endByte)
  }
  const { width, height } = video
  const { bytes, sha256 } = await digestOf(segment.path)
  return {
    kind: 'recording',
    captured_at: new Date(Math.round(facts.startedAt + segment.startMs)).toISOString(),
    recording_id: facts.recordingId,
    segment: segment.index,
    display: facts.display ?? { id: 'desktop', x: 0, y: 0, width, height, primary: true },
    width,
    height,
    frame_rate: facts.frameRate,
    duration_ms: last.endMs,
    media_type: 'video/mp4',
    codec: 'h264',
    bytes,
    sha256,
    source: facts.source,
    simulated: false,
    complete,
  }
}

async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const digest = createHash('sha256')
  let bytes = 0
  const stream = createReadStream(path)
  stream.on('data', (piece) => (bytes += piece.length))
  await pipeline(stream, digest)
  return { bytes, sha256: digest.digest('hex') }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return []
    }
    throw error
  }
}
