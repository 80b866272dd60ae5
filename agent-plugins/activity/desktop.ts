import type { PluginState } from '@worksight/agent-core/contract/heartbeat'

/** The window that has the keyboard, as its desktop names it; what is not told is `null`. */
export type ForegroundWindow = {
  /** Name of the program, as its windows carry it: `XTerm`, `Chromium`. */
  readonly app: string | null
  readonly title: string | null
  readonly pid: number | null
}

/** One look at a desktop. */
export type Look = {
  /** `null` where no window has the keyboard. */
  readonly window: ForegroundWindow | null
  /** Milliseconds since the last key or pointer event; `null` where the system does not count. */
  readonly idleMs: number | null
  /** Whether the session is locked, or its screensaver covers it. */
  readonly isLocked: boolean
  /** What the system keeps back of all this, for the plugin's state; `null` where nothing. */
  readonly withheld: {
    readonly state: Extract<PluginState, 'degraded' | 'permission'>
    readonly reason: string
  } | null
}

/** Something that can say which window is in front and how long there was no input. */
export interface Desktop {
  /** For logs and states: `x11`, `windows`, `macos`. */
  readonly name: string
  /** Throws `Unavailable` where the machine gives no reading; rejects when `signal` is aborted. */
  look(signal: AbortSignal): Promise<Look>
  /** Lets go of what it holds open; a later `look` opens it again. */
  close(): Promise<void>
}
