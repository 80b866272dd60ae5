import { randomUUID } from 'node:crypto'
import {
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { AgentError, systemCode } from './errors.ts'

/** Name of a lock on its way to be one, or of a stale one on its way out. */
const DRAFT = /^lock\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

type Holder = { readonly pid: number; readonly started: string | null }

/**
 * One agent per spool. The lock is a file that names a process and when it started, so that one
 * left behind by a killed agent is known as such and taken over. Throws E_ALREADY_RUNNING.
 * Returns a function that gives the lock back.
 */
export function lockSpool(folder: string): () => void {
  const path = join(folder, 'lock')
  const mine = JSON.stringify({
    pid: process.pid,
    started: startOf(process.pid),
    key: randomUUID(),
  })
  for (let attempt = 0; attempt < 3; attempt++) {
    if (take(path, mine)) {
      sweepDrafts(folder)
      return () => giveBack(path, mine)
    }
    removeStale(path)
  }
  throw new AgentError(
    'E_ALREADY_RUNNING',
    `Expected to be alone in ${folder}, found a fight for its lock`
  )
}

/** The process that holds the spool in `folder`, or null. Changes nothing. */
export function spoolHolder(folder: string): number | null {
  const text = textOf(join(folder, 'lock'))
  const holder = text === null ? null : holderOf(text)
  return holder !== null && isAlive(holder) ? holder.pid : null
}

/** Whether there is a lock that no living process holds. Changes nothing. */
export function isLockStale(folder: string): boolean {
  return textOf(join(folder, 'lock')) !== null && spoolHolder(folder) === null
}

function take(path: string, mine: string): boolean {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, mine, { flag: 'wx', mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) {
      return false // ENOENT: whoever has the lock swept the draft away
    }
    throw error
  } finally {
    unlessDiskFails(() => rmSync(draft, { force: true }))
  }
}

/** Names of drafts that killed agents left beside the lock. */
export function leftDrafts(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => {
    if (!DRAFT.test(name)) {
      return false
    }
    const text = textOf(join(folder, name))
    const holder = text === null ? null : holderOf(text)
    return text !== null && (holder === null || !isAlive(holder))
  })
}

function sweepDrafts(folder: string): void {
  unlessDiskFails(() => {
    leftDrafts(folder).forEach((name) =>
      rmSync(join(folder, name), { force: true, recursive: true })
    )
  })
}

function removeStale(path: string): void {
  const text = textOf(path)
  if (text === null) {
    return
  }
  const holder = holderOf(text)
  if (holder !== null && isAlive(holder)) {
    throw new AgentError(
      'E_ALREADY_RUNNING',
      `Expected no other agent on this spool, found process ${holder.pid}`
    )
  }
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return
    }
    throw error
  }
  const moved = textOf(aside)
  if (moved !== null && moved !== text) {
    linkSync(aside, path) // someone else was faster: that lock is a living one
  }
  rmSync(aside, { force: true, recursive: true })
}

function giveBack(path: string, mine: string): void {
  let text: string | null = mine
  unlessDiskFails(() => (text = textOf(path)))
  if (text === mine) {
    unlessDiskFails(() => rmSync(path, { force: true }))
  }
}

/** What is not removed is litter: a lock that stays names a process that has ended. */
function unlessDiskFails(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (systemCode(error) === null) {
      throw error
    }
  }
}

/** What stands for something that no agent made and that would hang whoever reads it: a folder, a link, a pipe. */
const NO_LOCK = ''

function textOf(path: string): string | null {
  try {
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8') : NO_LOCK
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return null
    }
    throw error
  }
}

function holderOf(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text)
    const { pid, started } = value as Partial<Holder>
    return Number.isSafeInteger(pid) && Number(pid) > 0
      ? { pid: Number(pid), started: typeof started === 'string' ? started : null }
      : null
  } catch {
    return null // not a lock that an agent wrote to its end
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') {
      return false
    }
  }
  const started = startOf(holder.pid)
  return holder.started === null || started === null || holder.started === started
}

/** When a process started, as Linux tells it: boot and clock ticks since; null elsewhere. */
function startOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended, not yet reaped' : `${boot}/${fields[19]}`
  } catch {
    return null // another platform, or the process has just ended
  }
}
