import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Sweeps over the table of processes until one finds nothing; more would be a fork bomb. */
const SWEEPS = 5

/**
 * Kills every process whose environment has `name=value`, whatever its parent or its group: what a
 * killed test process had started has neither left. Needs `/proc`; elsewhere it does nothing.
 */
export function killLeftovers(name: string, value: string): void {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const found = leftovers(name, value)
    if (found.length === 0) {
      return
    }
    for (const pid of found) {
      kill(pid)
    }
  }
}

/** Numbers of the living processes that carry `name=value`, without this one. */
export function leftovers(name: string, value: string): number[] {
  if (!existsSync('/proc/self/environ')) {
    return []
  }
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => environmentOf(entry).includes(`${name}=${value}`))
    .map(Number)
}

/** As at its start; empty for a process of somebody else, and for one that has ended. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error
    }
  }
}
