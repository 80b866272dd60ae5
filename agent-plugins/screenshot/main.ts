import {
  AgentError,
  every,
  everyInGerman,
  exclusionsOf,
  keepLocalCopy,
  sessionOf,
  UuidSource,
  type Agent,
  type CapturedFile,
  type Check,
  type Draft,
  type LocalCopies,
  type Plugin,
  type PluginNotice,
  type Policy,
  type PolicyBounds,
  type Turn,
} from '@worksight/agent-core'
import { BLUR_LEVELS, type BlurLevel } from '@worksight/agent-core/contract/policy'
import type { DegradedReason } from '@worksight/agent-core/contract/screenshot'
import type { Display, PluginState } from '@worksight/agent-core/contract/heartbeat'
import { candidates, chooseSource, type SourceName } from './choose_source.ts'
import { encode, FORMATS } from './encode.ts'
import { differenceHash, isBlack } from './frame_hash.ts'
import { printOf } from './frame_print.ts'
import { mask } from './mask.ts'
import { screenshotOptions, type ScreenshotOptions } from './options.ts'
import { ScreenUnavailable, type Frame, type ScreenSource } from './screen_source.ts'
import { StoredFrames } from './stored_frames.ts'
import manifest from './package.json' with { type: 'json' }

export { ScreenUnavailable, type Frame, type ScreenSource } from './screen_source.ts'
export type { ScreenshotOptions } from './options.ts'

/** What the plugin touches the world through; a spec brings its own. */
export type ScreenshotWorld = {
  /** The source to look through; throws `ScreenUnavailable` where there is none. */
  readonly choose?: (
    wanted: ScreenshotOptions['source'],
    signal: AbortSignal
  ) => Promise<ScreenSource>
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** What the pictures of one moment have in common. */
type About = {
  readonly capture_group: string
  readonly captured_at: string
  readonly source: ScreenSource
  readonly degraded: DegradedReason | null
}

const BLACK =
  'The picture is all black: the display sleeps or is locked, or the system does not show it.'
const FROZEN = 'The picture does not change although there is input: the system shows an old one.'
const WINDOWS_UNKNOWN =
  'No pictures: the system does not say which windows are on the screen, so excluded ones could not be hidden.'
const WINDOWS_UNREADABLE =
  'No picture this time: a window could not be read, so it could not be known whether it is excluded.'
/** Longest that a look for facts takes, in milliseconds. */
const FACTS_MS = 10_000
/** Looks with input between them at a screen that stays the same to the pixel, before it counts as frozen. */
const FROZEN_LOOKS = 3

/**
 * Takes a picture of every display at an interval. A display that still shows what its last stored
 * picture shows, but for a cursor or a clock, is noted as `unchanged_screen`; a black or frozen one is stored and reported as
 * degraded. Windows that are excluded are covered before anything else looks at a picture; where it
 * is not known which windows there are, none is taken.
 */
export class Screenshot implements Plugin {
  readonly name = 'screenshot'
  readonly version = manifest.version
  readonly options: ScreenshotOptions
  readonly notice: PluginNotice
  readonly bounds: PolicyBounds
  readonly localCopies: LocalCopies
  readonly #groups = new UuidSource(Date.now)
  readonly #choose: NonNullable<ScreenshotWorld['choose']>
  readonly #stored = new StoredFrames()
  #source: ScreenSource | null = null
  #displays: readonly Display[] = []
  #skippedSince: string | null = null
  #lookedAt = -Infinity
  #stillWithInput = 0

  /** Throws `E_INVALID_OPTION` with the name of the option and what it should be. */
  constructor(options: Partial<ScreenshotOptions> = {}, world: ScreenshotWorld = {}) {
    this.options = screenshotOptions(options, world.env ?? process.env)
    this.notice = noticeOf(this.options)
    this.bounds = {
      'screenshot.enabled': true,
      'screenshot.interval_seconds': this.options.intervalSeconds,
      'screenshot.blur': this.options.blur,
    }
    this.localCopies = {
      folder: 'screenshots',
      days: this.options.keepLocalDays,
      bytes: this.options.keepLocalBytes,
    }
    this.#choose = world.choose ?? chooseSource
  }

  /** A probe shot: whether anything can be seen here, through what, and how large; then each other source. */
  async doctor(signal: AbortSignal): Promise<readonly Check[]> {
    let taken: string
    const checks: Check[] = []
    try {
      const { name, frames } = await this.#lookOnce(this.options.source, signal)
      taken = name
      const isDark = frames.length > 0 && frames.every(isBlack)
      const found = `${shownBy(frames)} through ${name}`
      checks.push(
        isDark
          ? { name: 'screen', status: 'warn', found: `${found}. ${BLACK}` }
          : { name: 'screen', status: 'ok', found }
      )
    } catch (error) {
      if (error instanceof ScreenUnavailable) {
        return [{ name: 'screen', status: 'fail', found: error.message, means: 'capture' }]
      }
      throw error
    }
    const others = candidates(sessionOf(process.platform, process.env), process.env)
    for (const name of others.filter((other) => other !== taken)) {
      checks.push({ name, status: 'ok', found: await this.#probed(name, signal) })
    }
    return checks
  }

  /** What another source than the one in use sees, or why it sees nothing. */
  async #probed(name: SourceName, signal: AbortSignal): Promise<string> {
    try {
      return `works too: ${shownBy((await this.#lookOnce(name, signal)).frames)}`
    } catch (error) {
      if (error instanceof ScreenUnavailable) {
        return `not needed, and does not work: ${error.message}`
      }
      throw error
    }
  }

  /** One picture a display, as it would be stored; it goes nowhere. */
  async capture(
    signal: AbortSignal,
    wanted: string = this.options.format
  ): Promise<readonly CapturedFile[]> {
    const format = FORMATS.find((one) => one === wanted)
    if (format === undefined) {
      const text = `Expected --format to be one of ${FORMATS.join(', ')}, found "${wanted}"`
      throw new AgentError('E_INVALID_ANSWER', text)
    }
    const { frames } = await this.#lookOnce(this.options.source, signal)
    const files: CapturedFile[] = []
    for (const frame of frames) {
      const { mediaType, data } = await encode(frame, { ...this.options, format })
      files.push({ display: frame.display.id, mediaType, data })
    }
    return files
  }

  /** The displays of this machine, by a look that is thrown away; none where nothing can be seen. */
  async facts(): Promise<{ readonly displays: readonly Display[] }> {
    try {
      const { frames } = await this.#lookOnce(this.options.source, AbortSignal.timeout(FACTS_MS))
      return { displays: frames.map(({ display }) => display) }
    } catch (error) {
      if (error instanceof ScreenUnavailable) {
        return { displays: [] }
      }
      throw error
    }
  }

  /** Looks through a source of its own, which is closed again. */
  async #lookOnce(wanted: SourceName, signal: AbortSignal) {
    const source = await this.#choose(wanted, signal)
    try {
      const frames = await source.capture(signal)
      // sources reuse their buffers, and this one is closed before anybody looks
      const kept = frames.map((frame) => ({ ...frame, data: Buffer.from(frame.data) }))
      return { name: source.name, frames: kept }
    } finally {
      await source.close()
    }
  }

  apply(agent: Agent): void {
    // half an interval to either side is anywhere in it
    const jitter = this.options.timing === 'random' ? 0.5 : this.options.jitter
    agent.hooks.start.tap(this.name, () => {
      const intervalOf = ({ values }: Policy) => ({
        seconds: values['screenshot.interval_seconds'],
        jitter,
      })
      agent.every(this.name, intervalOf, (turn) => this.#turn(agent, turn))
    })
    agent.hooks.enrich.tap(this.name, (draft) => this.#withDisplays(draft))
    agent.hooks.stop.tapPromise(this.name, () => this.#close())
  }

  async #turn(agent: Agent, turn: Turn): Promise<void> {
    const permission = agent.mayObserve('screenshot')
    if (!permission.go) {
      return agent.setState(this.name, 'idle', `No pictures now: not allowed by ${permission.by}.`)
    }
    try {
      await this.#lookAndRecord(agent, turn)
    } finally {
      this.#source?.rest?.()
    }
  }

  async #lookAndRecord(agent: Agent, turn: Turn): Promise<void> {
    const seen = await this.#look(agent, turn.signal)
    if (seen === null) {
      return
    }
    const moment = { capture_group: this.#groups.next(), captured_at: seen.capturedAt }
    await this.#tellSkipped(agent, moment.captured_at)
    this.#displays = seen.frames.map((frame) => frame.display)
    this.#stored.keepOnly(seen.frames)
    const isFrozen = await this.#isFrozen(agent, seen.frames)

    let state: [PluginState, string | null] = ['ok', null]
    for (const frame of seen.frames) {
      turn.signal.throwIfAborted()
      const degraded = isBlack(frame) ? 'black' : isFrozen ? 'frozen' : null
      if (degraded !== null) {
        state = ['degraded', degraded === 'black' ? BLACK : FROZEN]
      }
      await this.#record(agent, frame, { ...moment, source: seen.source, degraded })
    }
    agent.setState(this.name, ...state)
  }

  /** What every display shows; null when there is nothing to see, which is then the state. */
  async #look(agent: Agent, signal: AbortSignal) {
    try {
      this.#source ??= await this.#choose(this.options.source, signal)
      const source = this.#source
      const before = await source.windows(signal).catch(unreadable(signal))
      const capturedAt = new Date(agent.clock.now()).toISOString()
      const frames = await source.capture(signal)
      // a window that was opened or moved meanwhile is where it was, where it is, or both
      const after = await source.windows(signal).catch(unreadable(signal))
      if (before === null || after === null || before === UNREADABLE || after === UNREADABLE) {
        const isForGood = before === null || after === null
        this.#skip(agent, isForGood ? WINDOWS_UNKNOWN : WINDOWS_UNREADABLE)
        return null
      }
      const { isExcluded } = exclusionsOf(agent)
      const excluded = [...before, ...after].filter((window) => isExcluded(window) !== null)
      frames.forEach((frame) => mask(frame, excluded))
      return { source, frames, capturedAt }
    } catch (error) {
      await this.#close()
      if (error instanceof ScreenUnavailable) {
        agent.setState(this.name, error.state, error.message.slice(0, 500))
        return null
      }
      throw error
    }
  }

  async #record(agent: Agent, frame: Frame, about: About): Promise<void> {
    const { source, degraded, ...moment } = about
    const { display } = frame
    const now = agent.clock.monotonic()
    const notBefore = now - this.options.forceEverySeconds * 1000
    const same = this.#stored.sameAs(frame, notBefore, this.options.unchangedTiles)
    if (same !== null) {
      await agent.record({ kind: 'unchanged_screen', ...moment, display, same_as: same })
      return
    }

    const print = await printOf(frame)
    const dhash = differenceHash(frame)
    const blur = stronger(this.options.blur, agent.policy.values['screenshot.blur'])
    const picture = await encode(frame, { ...this.options, blur })
    const draft: Draft = {
      kind: 'screenshot',
      ...moment,
      display,
      width: picture.width,
      height: picture.height,
      media_type: picture.mediaType,
      bytes: picture.data.length,
      sha256: picture.sha256,
      dhash,
      source: source.name,
      simulated: source.simulated,
      degraded,
    }
    const outcome = await agent.record(draft, picture.data)
    if (outcome.status !== 'refused') {
      const { id } = outcome.observation
      this.#stored.keep(frame.display.id, { id, storedAt: now, print })
      if (outcome.status === 'accepted') {
        // What waits for its person is on this disk under a key alone.
        const name = `${id}.${extensionOf(picture.mediaType)}`
        await keepLocalCopy(agent.dataDir, this.localCopies, name, picture.data)
      }
    }
  }

  #skip(agent: Agent, reason: string): void {
    this.#skippedSince ??= new Date(agent.clock.now()).toISOString()
    agent.setState(this.name, 'degraded', reason)
  }

  /** The time without pictures becomes a gap as soon as there is one again. */
  async #tellSkipped(agent: Agent, until: string): Promise<void> {
    const from = this.#skippedSince
    if (from === null) {
      return
    }
    const draft = { kind: 'gap', what: 'screenshot', cause: 'excluded', from, until } as const
    if ((await agent.record(draft)).status === 'accepted') {
      this.#skippedSince = null
    }
  }

  /** Whether all displays stay the same to the pixel, look after look, while somebody works there. */
  async #isFrozen(agent: Agent, frames: readonly Frame[]): Promise<boolean> {
    const now = agent.clock.monotonic()
    const elapsed = (now - this.#lookedAt) / 1000
    this.#lookedAt = now
    if (!frames.every((frame) => this.#stored.sameAs(frame, -Infinity, 0) !== null)) {
      this.#stillWithInput = 0
      return false
    }
    const { secondsSinceInput } = await agent.status()
    this.#stillWithInput += secondsSinceInput !== null && secondsSinceInput < elapsed ? 1 : 0
    return this.#stillWithInput >= FROZEN_LOOKS
  }

  /** A heartbeat that knows no displays gets the ones last seen, so that nothing else asks for them. */
  #withDisplays(draft: Draft): Draft {
    if (draft.kind !== 'heartbeat' || draft.system.displays.length > 0) {
      return draft
    }
    return { ...draft, system: { ...draft.system, displays: [...this.#displays] } }
  }

  async #close(): Promise<void> {
    const source = this.#source
    this.#source = null
    this.#displays = []
    await source?.close()
  }
}

/** `image/webp` → `webp`. */
const extensionOf = (mediaType: string) => mediaType.slice('image/'.length)

function shownBy(frames: readonly Frame[]): string {
  const sizes = frames.map(({ width, height }) => `${width} × ${height}`).join(', ')
  return `${frames.length} ${frames.length === 1 ? 'display' : 'displays'}: ${sizes}`
}

function stronger(one: BlurLevel, other: BlurLevel): BlurLevel {
  return BLUR_LEVELS.indexOf(one) > BLUR_LEVELS.indexOf(other) ? one : other
}

const UNREADABLE = Symbol('a window could not be read')

/** Turns a failure to read windows into a value; a turn that was cut off stays one. */
function unreadable(signal: AbortSignal) {
  return (error: unknown): typeof UNREADABLE => {
    if (signal.aborted || error instanceof ScreenUnavailable) {
      throw error
    }
    return UNREADABLE
  }
}

function noticeOf({ source, maxWidth, intervalSeconds }: ScreenshotOptions): PluginNotice {
  const isDrawn = source === 'simulated'
  const size = maxWidth > 0 ? `, at most ${maxWidth} pixels wide` : ', as large as it is shown'
  const sizeInGerman =
    maxWidth > 0 ? `, höchstens ${maxWidth} Pixel breit` : ', so groß, wie es gezeigt wird'
  return {
    collects: isDrawn
      ? 'drawn pictures marked as simulated; nothing of this screen'
      : `a picture of everything that every display shows${size}`,
    every: every(intervalSeconds),
    inLanguages: {
      de: {
        collects: isDrawn
          ? 'gezeichnete Bilder, als simuliert gekennzeichnet; nichts von diesem Bildschirm'
          : `ein Bild von allem, was jeder Bildschirm zeigt${sizeInGerman}`,
        every: everyInGerman(intervalSeconds),
      },
    },
  }
}
