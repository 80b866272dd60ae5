import { stat, statfs, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  exclusionsOf,
  keepLocalCopy,
  Unavailable,
  UuidSource,
  type Agent,
  type Check,
  type LocalCopies,
  type Plugin,
  type PluginNotice,
  type PolicyBounds,
  type Turn,
} from '@worksight/agent-core'
import { BLUR_LEVELS, type BlurLevel } from '@worksight/agent-core/contract/policy'
import { canOutliveNobody, findFfmpeg, type FfmpegProgram } from './ffmpeg_program.ts'
import { startByFluent } from './fluent_recorder.ts'
import { grabTargets, type Target } from './grab_targets.ts'
import { readFragments } from './mp4_fragments.ts'
import { dueForMs, recordingOptions, type RecorderName, type RecordingOptions } from './options.ts'
import type { StartRecorder } from './recorder.ts'
import { fileArguments, recordingArguments } from './recording_arguments.ts'
import { Run } from './run.ts'
import { describe, RunFolder, type Segment } from './run_folder.ts'
import { startBySpawn } from './spawn_recorder.ts'
import { SessionWindows, type Windows } from './visible_windows.ts'
import manifest from './package.json' with { type: 'json' }

export { findFfmpeg, WITHOUT_FFMPEG, type FfmpegProgram } from './ffmpeg_program.ts'
export type { RecordingOptions } from './options.ts'

/** What the plugin touches the world through; a spec brings its own. */
export type RecordingWorld = {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly platform?: NodeJS.Platform
  readonly targets?: typeof grabTargets
  readonly find?: typeof findFfmpeg
  readonly start?: StartRecorder
  readonly windows?: Windows
}

/** How a video is made, as far as a policy can change it. */
type Look = { readonly frameRate: number; readonly blur: BlurLevel }

/** Seconds between two turns: a recorder that must not go on is stopped within one of them. */
const TURN_SECONDS = 0.5
/** Longest that one recorder goes on where nothing ends it when its agent is gone. */
const UNGUARDED_SECONDS = 600
/** Milliseconds before a recorder that failed is started again: doubled each time, up to the last. */
const RETRY = { firstMs: 5_000, mostMs: 300_000 } as const
/** Milliseconds between two looks at which displays are there, while something is recorded. */
const DISPLAYS_MS = 10_000
/** By how much the date must run apart from the monotonic clock to say that it was set, or the machine slept. */
const CLOCK_STEP_MS = 5_000
/** Milliseconds between two looks at how much of the disk is held. */
const DISK_MS = 5000
/** Milliseconds between two looks at which windows are there: what was seen since the last is cut. */
const WINDOWS_MS = 1000
/** Share of `maxBytes` below which recording goes on. */
const REOPEN_SHARE = 0.9
/** An ffmpeg older than this lacks what keeps a segment that was cut off. */
const OLDEST_FFMPEG = 2016
const GUARD = join(import.meta.dirname, 'ffmpeg_guard.sh')
const RECORDERS: Readonly<Record<RecorderName, StartRecorder>> = {
  'fluent-ffmpeg': startByFluent,
  'spawn': startBySpawn,
}

/**
 * Records every display by ffmpeg, always or some minutes of every so many, in segments that play
 * alone. A segment goes to the agent when the recorder's list names it; what a recorder left behind
 * when it was cut off goes there as far as it plays.
 */
export class Recording implements Plugin {
  readonly name = 'recording'
  readonly version = manifest.version
  readonly options: RecordingOptions
  readonly notice: PluginNotice
  readonly bounds: PolicyBounds
  readonly localCopies: LocalCopies
  readonly #ids = new UuidSource(Date.now)
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #platform: NodeJS.Platform
  readonly #targets: typeof grabTargets
  readonly #find: typeof findFfmpeg
  readonly #start: StartRecorder
  readonly #windows: Windows
  #program: (FfmpegProgram & { readonly isGuarded: boolean }) | null = null
  #runs: readonly Run[] = []
  #left: readonly RunFolder[] | null = null
  #look: Look | null = null
  /** What is recorded, and when it was looked at last whether that is still what is there. */
  #recorded: readonly Target[] = []
  #displaysAt = -Infinity
  /** The date minus the monotonic clock as the recorders began. */
  #dateOffset = 0
  #failures = 0
  #begunAt = 0
  /** For how long a recording was still due then. */
  #dueMs = 0
  #notBefore = -Infinity
  #handOverAfter = -Infinity
  #lastFailure: string | null = null
  /** Why the disk has no room for more, as half a sentence, or null. */
  #fullBecause: string | null = null
  /** When windows were looked at last, and up to when none of them was excluded. */
  #lookedAt = -Infinity
  #clearAt = 0
  #weighedAt = -Infinity
  #excludedBecause: string | null = null

  /** Throws `E_INVALID_OPTION` with the name of the option and what it should be. */
  constructor(options: Partial<RecordingOptions> = {}, world: RecordingWorld = {}) {
    this.#env = world.env ?? process.env
    this.#platform = world.platform ?? process.platform
    this.options = recordingOptions(options, this.#env)
    this.notice = noticeOf(this.options)
    this.bounds = {
      'recording.enabled': this.options.enabled,
      'recording.frame_rate': this.options.frameRate,
    }
    this.localCopies = {
      folder: 'videos',
      days: this.options.keepLocalDays,
      bytes: this.options.keepLocalBytes,
    }
    this.#targets = world.targets ?? grabTargets
    this.#find = world.find ?? findFfmpeg
    this.#windows = world.windows ?? new SessionWindows(this.#env, this.#platform)
    this.#start = world.start ?? RECORDERS[this.options.recorder]
  }

  /** Where ffmpeg is and how old, and what of this session could be recorded. */
  async doctor(signal: AbortSignal): Promise<readonly Check[]> {
    const isNeeded = this.options.enabled
    const missing = (name: string, error: unknown): Check => {
      if (!(error instanceof Unavailable)) {
        throw error
      }
      return isNeeded
        ? { name, status: 'fail', found: error.message, means: 'capture' }
        : { name, status: 'ok', found: `not needed, this site does not record. ${error.message}` }
    }
    const program = await this.#find(this.#env, this.#platform).then(
      ({ path, version, year }): Check => ({
        name: 'ffmpeg',
        status: (year ?? OLDEST_FFMPEG) < OLDEST_FFMPEG ? 'warn' : 'ok',
        found: `${path}, version ${version}, of ${year ?? 'an unknown year'}`,
      }),
      (error: unknown) => missing('ffmpeg', error)
    )
    const screen = await this.#targets(this.#env, this.#platform, signal).then(
      (targets): Check => ({
        name: 'screen',
        status: 'ok',
        found: `${targets.length} to record by ${targets[0]?.grab.by ?? 'nothing'}`,
      }),
      (error: unknown) => missing('screen', error)
    )
    return [program, screen]
  }

  /**
   * Records the first display into a file, as it would be recorded; it goes nowhere. Answers how many
   * seconds it recorded. Throws `Unavailable` where that is none.
   */
  async recordTo(file: string, seconds: number, signal: AbortSignal): Promise<number> {
    const { frameRate, quality, blur } = this.options
    const { path } = await this.#find(this.#env, this.#platform)
    const targets = await this.#targets(this.#env, this.#platform, signal)
    const target = targets.find(({ display }) => display?.primary) ?? targets[0]
    if (target === undefined) {
      throw new Unavailable('unavailable', 'There is no display here to record.')
    }
    const out = resolve(file)
    const recorder = this.#start({
      ffmpeg: path,
      folder: dirname(out),
      args: fileArguments({ grab: target.grab, frameRate, quality, blur }, seconds, out),
      line: () => {},
    })
    const end = () => recorder.end()
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) {
      end()
    }
    const failure = await recorder.ended
    const playedMs = (await playedMsOf(out)) ?? 0
    if (failure !== null || playedMs === 0) {
      throw new Unavailable('unavailable', failure ?? 'Nothing was recorded before it ended.')
    }
    // the last picture is shown for as long as it takes to the next
    const isWhole = playedMs + Math.max(1000, 1000 / frameRate) >= seconds * 1000
    return isWhole ? seconds : playedMs / 1000
  }

  apply(agent: Agent): void {
    agent.hooks.start.tap(this.name, () => {
      agent.every(this.name, { seconds: TURN_SECONDS }, (turn) => this.#turn(agent, turn))
    })
    agent.hooks.stop.tapPromise(this.name, async () => {
      await this.#stop()
      await this.#handOver(agent)
      this.#windows.close()
    })
  }

  async #turn(agent: Agent, turn: Turn): Promise<void> {
    this.#left ??= await RunFolder.left(this.#base(agent))
    await this.#lookAtWindows(agent, turn.signal)
    const reason = this.#reasonAgainst(agent)
    if (this.#runs.length > 0 && reason !== null) {
      await this.#stop()
    } else if (this.#runs.length > 0 && this.#hasFailed()) {
      await this.#stop()
      this.#noteFailure(agent)
    } else if (this.#runs.length > 0 && (await this.#isOutdated(agent, turn.signal))) {
      await this.#stop()
    }
    await this.#handOver(agent)
    await this.#watchDisk(agent)
    const now = this.#reasonAgainst(agent)
    if (now !== null) {
      const isFull = this.#fullBecause !== null && now.endsWith(this.#fullBecause)
      return agent.setState(this.name, isFull ? 'degraded' : 'idle', now)
    }
    if (this.#runs.length === 0 && agent.clock.monotonic() >= this.#notBefore) {
      await this.#begin(agent, turn.signal)
    }
    // one that failed counts as well again when it has lasted for longer than it was waited for
    if (this.#runs.length > 0 && (this.#failures === 0 || this.#lastedMs(agent) > RETRY.firstMs)) {
      agent.setState(this.name, 'ok', null)
    }
  }

  /** Whether what records is not what should: another rate or blur, other displays, another date. */
  async #isOutdated(agent: Agent, signal: AbortSignal): Promise<boolean> {
    return (
      !isSameLook(this.#look, this.#wantedLook(agent)) ||
      Math.abs(dateOffset(agent) - this.#dateOffset) >= CLOCK_STEP_MS ||
      (await this.#hasOtherDisplays(agent, signal))
    )
  }

  /** Whether a display was plugged in, taken away or resized; where nothing is known, the recorder says so. */
  async #hasOtherDisplays(agent: Agent, signal: AbortSignal): Promise<boolean> {
    const now = agent.clock.monotonic()
    if (now - this.#displaysAt < DISPLAYS_MS) {
      return false
    }
    this.#displaysAt = now
    try {
      const targets = await this.#targets(this.#env, this.#platform, signal)
      return !isDeepStrictEqual(targets, this.#recorded)
    } catch (error) {
      if (error instanceof Unavailable) {
        return false
      }
      throw error
    }
  }

  #lastedMs(agent: Agent): number {
    return agent.clock.monotonic() - this.#begunAt
  }

  /** Why nothing is recorded now, as a sentence, or null. */
  #reasonAgainst(agent: Agent): string | null {
    const permission = agent.mayObserve('recording')
    if (!permission.go) {
      return `No recording now: not allowed by ${permission.by}.`
    }
    if (this.#excludedBecause !== null) {
      return `No recording now: ${this.#excludedBecause}`
    }
    if (this.#fullBecause !== null) {
      return `No recording now: ${this.#fullBecause}`
    }
    const { everyMinutes, forMinutes } = this.options
    return dueForMs(this.options, agent.clock.now()) > 0
      ? null
      : `The next recording is due: ${forMinutes} of every ${everyMinutes} minutes are recorded.`
  }

  /**
   * Notes whether an excluded window is on the screen, or might be, and then lets nothing out that was
   * recorded since the last look. Does not ask while nothing could be recorded anyway.
   */
  async #lookAtWindows(agent: Agent, signal: AbortSignal): Promise<void> {
    const now = agent.clock.monotonic()
    const isWanted =
      agent.mayObserve('recording').go && dueForMs(this.options, agent.clock.now()) > 0
    if (!isWanted || now - this.#lookedAt < WINDOWS_MS) {
      return
    }
    this.#lookedAt = now
    const at = agent.clock.now()
    this.#excludedBecause = await this.#excludedNow(agent, signal)
    if (this.#excludedBecause === null) {
      this.#clearAt = at
    } else {
      await Promise.all(this.#runs.map((run) => run.folder.cutAt(this.#clearAt)))
    }
  }

  /** Why the screen must not be recorded, as half a sentence that names no window; or null. */
  async #excludedNow(agent: Agent, signal: AbortSignal): Promise<string | null> {
    try {
      const { isExcluded } = exclusionsOf(agent)
      const windows = await this.#windows.list(signal)
      return windows.some((window) => isExcluded(window) !== null)
        ? 'a window that is never captured is on the screen.'
        : null
    } catch (error) {
      if (error instanceof Unavailable) {
        return null // without a display nothing is recorded, and its own state says so
      }
      return 'it is not known which windows are on the screen.'
    }
  }

  async #begin(agent: Agent, signal: AbortSignal): Promise<void> {
    try {
      this.#program ??= await this.#prepared()
      const targets = await this.#targets(this.#env, this.#platform, signal)
      const look = this.#wantedLook(agent)
      this.#look = look
      this.#recorded = targets
      this.#begunAt = agent.clock.monotonic()
      this.#displaysAt = this.#begunAt
      this.#dateOffset = dateOffset(agent)
      this.#dueMs = dueForMs(this.options, agent.clock.now())
      this.#runs = await Promise.all(targets.map((target) => this.#run(agent, target, look)))
    } catch (error) {
      if (error instanceof Unavailable) {
        this.#notBefore = agent.clock.monotonic() + RETRY.firstMs
        return agent.setState(this.name, error.state, error.message.slice(0, 500))
      }
      throw error
    }
  }

  #run(agent: Agent, { grab, display }: Target, look: Look): Promise<Run> {
    const program = this.#program
    if (program === null) {
      throw new Unavailable('unavailable', 'There is no ffmpeg.')
    }
    const now = agent.clock.now()
    const { quality, segmentSeconds } = this.options
    const most = program.isGuarded ? Infinity : UNGUARDED_SECONDS
    const limit = Math.min(most, dueForMs(this.options, now) / 1000)
    const facts = {
      recordingId: this.#ids.next(),
      display,
      frameRate: look.frameRate,
      source: grab.by,
      startedAt: now,
      clearUntil: null,
    }
    return Run.start(this.#base(agent), facts, {
      start: this.#start,
      ffmpeg: program.isGuarded ? GUARD : program.path,
      args: recordingArguments({
        grab,
        ...look,
        quality,
        segmentSeconds,
        limitSeconds: Number.isFinite(limit) ? limit : 0,
      }),
    })
  }

  async #prepared() {
    const program = await this.#find(this.#env, this.#platform)
    // fluent-ffmpeg hands its own environment on and no other
    process.env.WORKSIGHT_FFMPEG = program.path
    return { ...program, isGuarded: await canOutliveNobody(this.#env, this.#platform) }
  }

  /** Hands over every segment that can be, and forgets the folders that are empty then. */
  async #handOver(agent: Agent): Promise<void> {
    if (!agent.mayObserve('recording').go || agent.clock.monotonic() < this.#handOverAfter) {
      return
    }
    for (const run of this.#runs) {
      await this.#handOverFrom(agent, run.folder, run.isOver)
    }
    const left: RunFolder[] = []
    for (const folder of this.#left ?? []) {
      if (await this.#handOverFrom(agent, folder, true)) {
        await folder.remove()
      } else {
        left.push(folder)
      }
    }
    this.#left = left
  }

  /** Whether nothing that could be handed over is left. */
  async #handOverFrom(agent: Agent, folder: RunFolder, hasEnded: boolean): Promise<boolean> {
    for (const segment of await folder.segments(hasEnded)) {
      if (!(await this.#handOverOne(agent, folder, segment))) {
        return false
      }
    }
    folder.settled()
    return true
  }

  async #handOverOne(agent: Agent, { facts }: RunFolder, segment: Segment): Promise<boolean> {
    const { path } = segment
    // a second name is the one in the spool: it was accepted, and the agent ended just then
    const draft = (await stat(path)).nlink > 1 ? null : await describe(facts, segment)
    if (draft === null) {
      await unlink(path)
      return true
    }
    const name = `${facts.recordingId}-${basename(path)}`
    await keepLocalCopy(agent.dataDir, this.localCopies, name, { path })
    const outcome = await agent.record(draft, { path })
    if (outcome.status === 'refused') {
      agent.logger.warn({ reason: outcome.reason }, 'a segment waits')
      this.#handOverAfter = agent.clock.monotonic() + RETRY.firstMs
    }
    return outcome.status !== 'refused'
  }

  /** Stops recording when what waits on the disk is too much, and lets it go on when it is not. */
  async #watchDisk(agent: Agent): Promise<void> {
    const now = agent.clock.monotonic()
    if (now - this.#weighedAt < DISK_MS) {
      return
    }
    this.#weighedAt = now
    this.#fullBecause = await this.#fullNow(agent)
    if (this.#fullBecause !== null && this.#runs.length > 0) {
      agent.logger.warn({ reason: this.#fullBecause }, 'recording stops')
      await this.#stop()
    }
  }

  async #fullNow(agent: Agent): Promise<string | null> {
    const folders = [...this.#runs.map((run) => run.folder), ...(this.#left ?? [])]
    const sizes = await Promise.all(folders.map((folder) => folder.bytes()))
    const held = sizes.reduce((sum, size) => sum + size, 0)
    const { bavail, bsize } = await statfs(agent.dataDir)
    const { maxBytes, minFreeBytes } = this.options
    // it goes on when there is some more room than it stopped at
    const share = this.#fullBecause === null ? 1 : REOPEN_SHARE
    if (held > maxBytes * share) {
      return `recordings that wait hold ${megabytes(held)} of the disk.`
    }
    return bavail * bsize < minFreeBytes / share
      ? `the disk has ${megabytes(bavail * bsize)} left, and ${megabytes(minFreeBytes)} stay free.`
      : null
  }

  #hasFailed(): boolean {
    return this.#runs.some((run) => run.isOver)
  }

  #noteFailure(agent: Agent): void {
    const lasted = this.#lastedMs(agent)
    // some ends are called good by ffmpeg although nobody asked for them, such as that of its display
    const isSudden = lasted < Math.min(RETRY.firstMs, this.#dueMs)
    const failure = this.#lastFailure ?? (isSudden ? 'it ended by itself' : null)
    if (failure === null) {
      this.#failures = 0
      return
    }
    this.#failures = lasted > RETRY.mostMs ? 0 : this.#failures
    const waitMs = Math.min(RETRY.mostMs, RETRY.firstMs * 2 ** this.#failures)
    this.#failures += 1
    this.#notBefore = agent.clock.monotonic() + waitMs
    agent.logger.warn({ failure, waitMs }, 'a recorder ended by itself')
    const text = `The recorder ended: ${sentence(failure)} It is started again after ${waitMs / 1000} s.`
    agent.setState(this.name, 'degraded', text)
  }

  /** Ends all recorders; their folders are then left ones. */
  async #stop(): Promise<void> {
    const runs = this.#runs
    this.#lastFailure = runs.find((run) => run.failure !== null)?.failure ?? null
    await Promise.all(runs.map((run) => run.stop()))
    this.#runs = []
    this.#left = [...(this.#left ?? []), ...runs.map((run) => run.folder)]
  }

  /** A video is pictures: what a policy says of their blur holds for it too. */
  #wantedLook({ policy: { values } }: Agent): Look {
    const levels = [this.options.blur, values['screenshot.blur']].map((blur) =>
      BLUR_LEVELS.indexOf(blur)
    )
    return {
      frameRate: Math.min(this.options.frameRate, values['recording.frame_rate']),
      blur: BLUR_LEVELS[Math.max(...levels)] ?? 'strong',
    }
  }

  #base(agent: Agent): string {
    return join(agent.dataDir, this.name)
  }
}

/** How long a file plays; null where there is none, or nothing in it. */
async function playedMsOf(file: string): Promise<number | null> {
  const video = await readFragments(file).catch(() => null)
  return video?.fragments.at(-1)?.endMs ?? null
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

function dateOffset({ clock }: Agent): number {
  return clock.now() - clock.monotonic()
}

/** What a program said, on one line and no longer than a state has room for. */
function sentence(said: string): string {
  return `${said.replaceAll(/\s+/g, ' ').trim().slice(0, 400).replace(/[.:]$/, '')}.`
}

function isSameLook(one: Look | null, other: Look): boolean {
  return one?.frameRate === other.frameRate && one.blur === other.blur
}

function noticeOf(options: RecordingOptions): PluginNotice {
  const { enabled, frameRate, blur, everyMinutes, forMinutes } = options
  if (!enabled) {
    return {
      collects: 'nothing: this site does not record the screen',
      inLanguages: { de: { collects: 'nichts: hier wird der Bildschirm nicht aufgenommen' } },
    }
  }
  const isAlways = everyMinutes === 0
  return {
    collects: `a video without sound of everything that every display shows, ${frameRate} pictures a second${blur === 'none' ? '' : ', blurred on this machine'}`,
    every: isAlways ? 'all the time' : `${forMinutes} of every ${everyMinutes} minutes`,
    inLanguages: {
      de: {
        collects: `ein Video ohne Ton von allem, was jeder Bildschirm zeigt, ${frameRate} Bilder in der Sekunde${blur === 'none' ? '' : ', auf diesem Rechner unscharf gemacht'}`,
        every: isAlways ? 'die ganze Zeit' : `${forMinutes} von je ${everyMinutes} Minuten`,
      },
    },
  }
}
