import type { Desktop, ForegroundWindow, Look } from '../desktop.ts'

/**
 * A desktop that shows what it is told. Hand it to the plugin with
 * `new Activity(options, { open: async () => desktop })`.
 */
export class ScriptedDesktop implements Desktop {
  readonly name = 'scripted'
  window: ForegroundWindow | null = { app: 'Editor', title: 'notes', pid: 42 }
  idleMs: number | null = 0
  isLocked = false
  withheld: Look['withheld'] = null
  /** What the next looks throw instead. */
  error: Error | null = null
  looks = 0
  closed = 0

  async look(signal: AbortSignal): Promise<Look> {
    signal.throwIfAborted()
    this.looks += 1
    if (this.error !== null) {
      throw this.error
    }
    const { window, idleMs, isLocked, withheld } = this
    return { window, idleMs, isLocked, withheld }
  }

  async close(): Promise<void> {
    this.closed += 1
  }
}
