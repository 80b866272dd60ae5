import type { Timekeeper } from './clock.ts'
import { AgentError } from './errors.ts'
import type { Interval, Turn } from './plugin.ts'

/** A week; with its jitter it still fits into one timer. */
const LONGEST_INTERVAL_SECONDS = 604_800

export type ScheduleOptions = {
  readonly clock: Timekeeper
  readonly interval: Interval
  /** Milliseconds a turn may take before its signal aborts and `failed` is told. */
  readonly turnLimitMs: number
  readonly work: (turn: Turn) => Promise<void>
  /** Whether a turn that is due may begin; default always. */
  readonly mayBegin?: () => boolean
  /** A turn ended well. */
  readonly done: () => void
  /** A turn threw, rejected, or takes too long. */
  readonly failed: (error: unknown) => void
  /** One turn, and no more. */
  readonly once?: boolean
  readonly random?: () => number
}

/**
 * Runs work every interval, on a grid: a turn that takes long does not push the later ones back. A
 * turn that is due while the last one works is left out, and after a suspend there is one turn, not
 * as many as were missed. Answers how to end it; the promise resolves when no turn works any more.
 */
export function schedule(options: ScheduleOptions): () => Promise<void> {
  const { clock, interval, random = Math.random } = options
  assertInterval(interval)
  const everyMs = interval.seconds * 1000
  const spreadMs = everyMs * (interval.jitter ?? 0)
  const stop = new AbortController()
  let slot = clock.monotonic() + (interval.immediately === false ? everyMs : 0)
  let cancel = () => {}
  let turn: Promise<void> = Promise.resolve()
  let isWorking = false

  const arm = () => {
    const dueAt = slot + (random() * 2 - 1) * spreadMs
    cancel = clock.after(Math.max(0, dueAt - clock.monotonic()), () => begin(dueAt))
  }
  const begin = (dueAt: number) => {
    const now = clock.monotonic()
    slot = Math.max(slot + everyMs, now - ((now - slot) % everyMs) + everyMs)
    if (!isWorking && options.mayBegin?.() !== false) {
      isWorking = true
      turn = oneTurn(options, stop.signal, Math.max(0, now - dueAt) / 1000).finally(() => {
        isWorking = false
      })
    }
    if (options.once !== true) {
      arm()
    }
  }
  arm()

  return () => {
    stop.abort()
    cancel()
    return turn
  }
}

async function oneTurn(
  options: ScheduleOptions,
  stopped: AbortSignal,
  lateSeconds: number
): Promise<void> {
  const limit = new AbortController()
  const cancel = options.clock.after(options.turnLimitMs, () => {
    const seconds = options.turnLimitMs / 1000
    const error = new AgentError(
      'E_TURN_TIMEOUT',
      `Expected a turn of at most ${seconds} s, found a longer one`
    )
    limit.abort(error)
    options.failed(error)
  })
  // A turn that hangs must not keep a stopped agent alive until its limit.
  stopped.addEventListener('abort', cancel, { once: true })
  try {
    await options.work({ lateSeconds, signal: AbortSignal.any([stopped, limit.signal]) })
    if (!limit.signal.aborted) {
      options.done()
    }
  } catch (error) {
    if (!stopped.aborted && !limit.signal.aborted) {
      options.failed(error)
    }
  } finally {
    cancel()
    stopped.removeEventListener('abort', cancel)
  }
}

function assertInterval({ seconds, jitter = 0 }: Interval): void {
  if (!(seconds > 0 && seconds <= LONGEST_INTERVAL_SECONDS)) {
    throw new AgentError(
      'E_INVALID_OPTION',
      `Expected an interval of more than 0 and at most ${LONGEST_INTERVAL_SECONDS} seconds, found ${seconds}`
    )
  }
  if (!(jitter >= 0 && jitter <= 0.5)) {
    throw new AgentError('E_INVALID_OPTION', `Expected a jitter from 0 to 0.5, found ${jitter}`)
  }
}
