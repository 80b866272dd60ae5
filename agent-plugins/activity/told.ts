import type { ForegroundWindow } from './desktop.ts'
import type { WindowFacts } from './window_tracker.ts'

/** As the wire carries them, in UTF-16 units. */
const MOST = { app: 255, title: 1024, pid: 4_294_967_295 } as const

/** A window as the wire carries it, with its title only where `hasTitles`. */
export function toldOf({ app, title, pid }: ForegroundWindow, hasTitles: boolean): WindowFacts {
  return {
    app: clipped(app, MOST.app) ?? 'unknown',
    title: hasTitles ? clipped(title, MOST.title) : null,
    domain: null,
    pid: pid !== null && Number.isInteger(pid) && pid >= 0 && pid <= MOST.pid ? pid : null,
  }
}

/** At most `most` units, never half a character; null where nothing is left. */
function clipped(text: string | null, most: number): string | null {
  const whole = (text ?? '').slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
  return whole.replaceAll('\0', '').trim() === '' ? null : whole.replaceAll('\0', '').toWellFormed()
}
