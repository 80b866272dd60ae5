import type { Timekeeper } from '../clock.ts'
import { AgentError, asError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Indicator } from '../trust/indicators.ts'
import type { ObservingState } from '../trust/observing.ts'
import type { TrustRequest } from '../trust/trust.ts'
import { X11Connection } from '../x11/connection.ts'
import { openLink } from './open_link.ts'
import type { PopupRow } from './popup.ts'
import { X11Tray } from './x11_tray.ts'

/** What the tray asks of the agent. */
export interface TrayHost {
  readonly clock: Timekeeper
  readonly logger: Logger
  observing(): { readonly state: ObservingState; readonly text: string }
  /** Does what the person asks for. Throws an AgentError where it is refused. */
  answer(request: TrustRequest): Promise<unknown>
  /** An address that leads to the local page once, or null. */
  passLink(): string | null
  /** The icon is shown, or not any more. */
  changed(): void
}

const MINUTE = 60_000
/** How often the icon is looked at anew, and how long until a lost X server is asked again, in milliseconds. */
const EVERY_MS = 1_000
const RETRY_MS = 5_000
const OPEN_MS = 5_000

/**
 * The icon in the system tray of an X desktop, with the person's menu. Where no tray is, it waits for
 * one. An icon that was shown is owed from then on: when it is gone, nothing else stands in for it.
 */
export class Tray implements Indicator {
  readonly name = 'tray'
  readonly #host: TrayHost
  readonly #display: string
  #tray: X11Tray | null = null
  #wasShown = false
  #refusal: string | null = null
  #isOpen = false
  #cancel = () => {}

  /** `display` is the name of the X server, such as `:0`. */
  constructor(host: TrayHost, display: string) {
    this.#host = host
    this.#display = display
  }

  isAlive(): boolean {
    return this.#tray?.isShown === true
  }

  /** Whether it was shown since the start of the agent. */
  isOwed(): boolean {
    return this.#wasShown
  }

  open(): void {
    this.#isOpen = true
    void this.#look()
  }

  close(): void {
    this.#isOpen = false
    this.#cancel()
    this.#tray?.close()
    this.#tray = null
  }

  /** The state is another one. */
  refresh(): void {
    this.#tray?.refresh()
  }

  async #look(): Promise<void> {
    if (this.#tray === null || this.#tray.isClosed) {
      await this.#connect()
    }
    if (this.#isOpen) {
      this.refresh()
      const { clock } = this.#host
      this.#cancel = clock.after(this.#tray === null ? RETRY_MS : EVERY_MS, () => void this.#look())
    }
  }

  async #connect(): Promise<void> {
    this.#tray = null
    try {
      const { default: x11 } = await import('x11')
      const connection = await X11Connection.open(x11, this.#display, AbortSignal.timeout(OPEN_MS))
      const tray = await X11Tray.open(connection, {
        state: () => this.#host.observing(),
        menu: () => this.#menu(),
        changed: () => this.#changed(),
      })
      this.#tray = tray
      this.#changed()
      if (!this.#isOpen) {
        this.close()
      }
    } catch (error) {
      this.#host.logger.debug({ error: asError(error).message }, 'there is no X server for a tray')
    }
  }

  #changed(): void {
    const isShown = this.isAlive()
    if (isShown && !this.#wasShown) {
      this.#host.logger.info({}, 'the icon is in the tray')
    }
    this.#wasShown ||= isShown
    this.#host.changed()
  }

  #menu(): readonly PopupRow[] {
    const { state } = this.#host.observing()
    const pause = (minutes: number): PopupRow => ({
      text: `Pause ${minutes} min`,
      act: () => this.#ask({ ask: 'pause', kind: 'pause', ms: minutes * MINUTE }),
    })
    const isBreak = state === 'paused' || state === 'private'
    const refused = this.#refusal === null ? [] : [{ text: this.#refusal, act: null }]
    return [
      ...refused,
      ...(isBreak ? [{ text: 'Go on', act: () => this.#ask({ ask: 'resume' }) }] : []),
      ...[15, 30, 60].map(pause),
      ...(state === 'private'
        ? []
        : [
            {
              text: 'Private time, until you end it',
              act: () => this.#ask({ ask: 'pause', kind: 'private', ms: null }),
            },
          ]),
      { text: 'What is captured', act: () => this.#openPage() },
    ]
  }

  #ask(request: TrustRequest): void {
    this.#refusal = null
    this.#host.answer(request).then(
      () => this.refresh(),
      (error: unknown) => {
        this.#refusal = error instanceof AgentError ? error.message : null
        this.#host.logger.warn({ error: asError(error).message }, 'the tray was refused')
      }
    )
  }

  #openPage(): void {
    const { logger } = this.#host
    const link = this.#host.passLink()
    if (link !== null) {
      openLink(link, this.#display).catch((error: unknown) =>
        logger.warn({ error: asError(error).message }, 'the page could not be opened')
      )
    }
  }
}
