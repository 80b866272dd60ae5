import { readFile, readdir } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import type { HeartbeatSystem } from '@worksight/agent-core/contract/heartbeat'

type Charge = HeartbeatSystem['battery']

const POWER_SUPPLIES = '/sys/class/power_supply'
/** Where reading a battery starts a program, how long a reading is good for, in milliseconds. */
const ASK_EVERY_MS = 300_000

/**
 * The charge of the battery; null where there is none. Linux tells it in files; elsewhere
 * `systeminformation` starts a program, so it is asked every five minutes at most, and never again
 * on a machine without a battery.
 */
export class Battery {
  readonly #supplies: string
  readonly #system: NodeJS.Platform
  #hasNone = false
  #last: Charge = null
  #askedAt = -Infinity

  constructor(supplies = POWER_SUPPLIES, system: NodeJS.Platform = platform()) {
    this.#supplies = supplies
    this.#system = system
  }

  async read(): Promise<Charge> {
    try {
      return this.#system === 'linux' ? await this.#fromFiles() : await this.#asked()
    } catch {
      return null
    }
  }

  async #fromFiles(): Promise<Charge> {
    for (const name of await readdir(this.#supplies)) {
      const of = (file: string) => readFile(join(this.#supplies, name, file), 'utf8')
      const type = await of('type').catch(() => '')
      // a battery of scope Device belongs to a mouse or a headset
      const scope = await of('scope').catch(() => 'System')
      if (type.trim() === 'Battery' && scope.trim() === 'System') {
        const percent = Number(await of('capacity'))
        const status = (await of('status')).trim()
        return charge(percent, status === 'Charging' || status === 'Full')
      }
    }
    return null
  }

  async #asked(): Promise<Charge> {
    if (this.#hasNone || performance.now() - this.#askedAt < ASK_EVERY_MS) {
      return this.#last
    }
    this.#askedAt = performance.now()
    const { battery } = await import('systeminformation')
    const { hasBattery, percent, isCharging, acConnected } = await battery()
    this.#hasNone = !hasBattery
    this.#last = hasBattery ? charge(percent, isCharging || acConnected) : null
    return this.#last
  }
}

function charge(percent: number, charging: boolean): Charge {
  return Number.isFinite(percent)
    ? { percent: Math.min(100, Math.max(0, percent)), charging }
    : null
}
