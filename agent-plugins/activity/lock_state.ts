import { execFile } from 'node:child_process'

/** Whether the session is locked, as far as is known now; asking costs nothing. */
export interface LockState {
  isLocked(): boolean
}

/** Runs a program; resolves to what it says, rejects when it fails. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string>

/** systemd's name for the session of the caller, or the desktop of its user. */
const SESSION = '/org/freedesktop/login1/session/auto'
const ASK = ['org.freedesktop.login1', SESSION, 'org.freedesktop.login1.Session', 'LockedHint']
/** How long an answer is good for, in milliseconds; asking starts a program. */
const ASK_EVERY_MS = 5_000
/** How long a machine without logind is left alone, in milliseconds. */
const LEAVE_ALONE_MS = 300_000

/**
 * LockedHint of systemd-logind, which screen lockers set, read by `busctl` every five seconds at
 * most, beside what asks. A machine without logind is never called locked by it.
 */
export class LogindLock implements LockState {
  readonly #run: RunProgram
  readonly #now: () => number
  #isLocked = false
  #askAt = -Infinity

  constructor(run: RunProgram = runProgram, now: () => number = () => performance.now()) {
    this.#run = run
    this.#now = now
  }

  isLocked(): boolean {
    if (this.#now() >= this.#askAt) {
      this.#askAt = this.#now() + ASK_EVERY_MS
      void this.#read()
    }
    return this.#isLocked
  }

  async #read(): Promise<void> {
    try {
      const answer = await this.#run('busctl', ['--system', 'get-property', ...ASK])
      this.#isLocked = answer.trim() === 'b true'
    } catch {
      this.#isLocked = false
      this.#askAt = this.#now() + LEAVE_ALONE_MS
    }
  }
}

function runProgram(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { timeout: 2_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error)
    )
  })
}
