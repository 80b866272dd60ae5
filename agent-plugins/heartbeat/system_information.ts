import type { StatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import {
  arch,
  availableParallelism,
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
  /** What the last reading could not find out although every machine has it, as a person says it. */
  readonly unread: readonly string[]
}

/** Where the facts come from that a machine may keep from its programs; a spec brings its own. */
export type Machine = {
  /** Empty where /proc cannot be read. */
  readonly processors: typeof cpus
  /** The file system that holds the home folder of the account the agent runs as. */
  readonly disk: () => Promise<StatsFs>
}

const THIS_MACHINE: Machine = { processors: cpus, disk: async () => statfs(homedir()) }

/**
 * The facts as Node and the kernel tell them. What does not change is read once; the rest costs
 * a few small reads and starts no program, so that a heartbeat is next to free. The displays are
 * left empty: only what looks at them knows them.
 */
export class MachineInformation implements SystemInformation {
  readonly #battery = new Battery()
  readonly #machine: Machine
  #os: Promise<OsName> | null = null
  #ticks: Ticks
  #unread: readonly string[] = []

  constructor(machine: Machine = THIS_MACHINE) {
    this.#machine = machine
    this.#ticks = cpuTicks(machine.processors())
  }

  get unread(): readonly string[] {
    return this.#unread
  }

  async read(): Promise<HeartbeatSystem> {
    this.#os ??= readOsName()
    const [os, disk, battery] = await Promise.all([
      this.#os,
      readDisk(this.#machine),
      this.#battery.read(),
    ])
    const processors = this.#machine.processors()
    this.#unread = [
      ...(processors.length === 0 ? ['the processors'] : []),
      ...(disk === null ? ['the disk'] : []),
    ]
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
        cores: processors.length || availableParallelism(),
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
  #loadSinceLast(processors: Processors): number | null {
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

type Processors = ReturnType<typeof cpus>
type Ticks = { readonly total: number; readonly idle: number }

function cpuTicks(processors: Processors): Ticks {
  let total = 0
  let idle = 0
  for (const { times } of processors) {
    total += times.user + times.nice + times.sys + times.idle + times.irq
    idle += times.idle
  }
  return { total, idle }
}

async function readDisk(machine: Machine): Promise<HeartbeatSystem['disk']> {
  try {
    const { bsize, blocks, bavail } = await machine.disk()
    return { total_bytes: blocks * bsize, free_bytes: bavail * bsize }
  } catch {
    return null
  }
}

function clip(text: string, most: number): string {
  return text.trim().slice(0, most).toWellFormed() || 'unknown'
}
