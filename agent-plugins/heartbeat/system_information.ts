import { statfs } from 'node:fs/promises'
import {
  arch,
  cpus,
  freemem,
  homedir,
  hostname,
  platform,
  release,
  totalmem,
  uptime,
} from 'node:os'
import type { HeartbeatSystem } from '@worksight/agent-core/contract/heartbeat'
import { Battery } from './battery.ts'
import { readOsName, type OsName } from './os_name.ts'

/** Reads the facts about this machine; never throws, what cannot be read is null or "unknown". */
export interface SystemInformation {
  read(): Promise<HeartbeatSystem>
}

/**
 * The facts as Node and the kernel tell them. What does not change is read once; the rest costs
 * a few small reads and starts no program, so that a heartbeat is next to free. The displays are
 * left empty: only what looks at them knows them.
 */
export class MachineInformation implements SystemInformation {
  readonly #battery = new Battery()
  #os: Promise<OsName> | null = null
  #ticks = cpuTicks()

  async read(): Promise<HeartbeatSystem> {
    this.#os ??= readOsName()
    const [os, disk, battery] = await Promise.all([this.#os, readDisk(), this.#battery.read()])
    const processors = cpus()
    const total = totalmem()
    return {
      os: {
        platform: platform(),
        name: clip(os.name, 128),
        release: clip(os.release || release(), 128),
        arch: arch(),
      },
      host: clip(hostname(), 255),
      cpu: {
        model: clip(processors[0]?.model ?? '', 255),
        cores: Math.max(1, processors.length),
        load_percent: this.#loadSinceLast(processors),
      },
      memory: { total_bytes: total, used_bytes: Math.max(0, total - freemem()) },
      disk,
      battery,
      uptime_seconds: Math.floor(uptime()),
      displays: [],
    }
  }

  /** Busy share of all processors since the last call, in percent; null where nothing has passed. */
  #loadSinceLast(processors: ReturnType<typeof cpus>): number | null {
    const before = this.#ticks
    this.#ticks = cpuTicks(processors)
    const passed = this.#ticks.total - before.total
    if (passed <= 0) {
      return null
    }
    const busy = passed - (this.#ticks.idle - before.idle)
    return Math.round(Math.min(100, Math.max(0, (busy / passed) * 100)) * 10) / 10
  }
}

function cpuTicks(processors = cpus()): { total: number; idle: number } {
  let total = 0
  let idle = 0
  for (const { times } of processors) {
    total += times.user + times.nice + times.sys + times.idle + times.irq
    idle += times.idle
  }
  return { total, idle }
}

/** The file system that holds the home folder of the account the agent runs as. */
async function readDisk(): Promise<HeartbeatSystem['disk']> {
  try {
    const { bsize, blocks, bavail } = await statfs(homedir())
    return { total_bytes: blocks * bsize, free_bytes: bavail * bsize }
  } catch {
    return null
  }
}

function clip(text: string, most: number): string {
  return text.trim().slice(0, most).toWellFormed() || 'unknown'
}
