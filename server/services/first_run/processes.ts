import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

type Options = {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  /** Where its output goes; a file that is written anew. */
  readonly logFile: string
}

/** How long a process may take to end after SIGTERM, in milliseconds. */
const PATIENCE_MS = 8_000

/**
 * The processes that one start made. Each leads a process group of its own, so that Ctrl-C reaches
 * them only through `stop`, in the reverse order of their start, and no grandchild is left behind.
 */
export class Processes {
  readonly #running: { name: string; child: ChildProcess }[] = []
  #isStopping = false

  /** Starts a process that is to run as long as this one; `onExit` hears when it ends by itself. */
  start(
    name: string,
    [command, ...args]: readonly [string, ...string[]],
    { cwd, env, logFile }: Options,
    onExit: (name: string, code: number | null) => void
  ): ChildProcess {
    mkdirSync(dirname(logFile), { recursive: true })
    const log = openSync(logFile, 'w')
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log, 'pipe'],
      detached: true,
    })
    closeSync(log)
    this.#running.push({ name, child })
    child.once('error', () => onExit(name, null))
    child.once('exit', (code) => {
      if (!this.#isStopping) {
        onExit(name, code)
      }
    })
    return child
  }

  /** Ends all of them, the last one first. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const { child } of this.#running.reverse()) {
      await end(child)
    }
  }
}

/** Runs a command to its end; gives its exit code and what it printed. */
export function runToEnd(
  [command, ...args]: readonly [string, ...string[]],
  { cwd, env }: Omit<Options, 'logFile'>
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } })
    const output = { stdout: '', stderr: '' }
    child.stdin.end()
    child.stdout.on('data', (chunk) => (output.stdout += chunk))
    child.stderr.on('data', (chunk) => (output.stderr += chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, ...output }))
  })
}

/** The last lines of a log file, for a person who must find out what went wrong. */
export function tail(logFile: string, lines = 8): string[] {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines)
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) {
    return Promise.resolve()
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), PATIENCE_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    signalGroup(child, 'SIGTERM')
  })
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals) {
  try {
    process.kill(-(child.pid ?? 0), signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error
    }
  }
}
