import { killLeftovers } from '#services/testing/leftovers'
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

/** One part of the whole suite, a test process of its own. */
export type Part = {
  readonly name: string
  readonly title: string
  readonly command: readonly [string, ...string[]]
  readonly environment: NodeJS.ProcessEnv
  /** How long it may take at the most, in minutes; then it is ended and counts as failed. */
  readonly minutes: number
}

export type PartResult = {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
}

/**
 * Runs a part, passes its output on, and reads the runner's totals from it. A part that ran no test,
 * that ended with an error, or that had to be ended, has failed at least once. When `signal` is
 * aborted or the time is up, the part ends at once, with everything it started.
 */
export function runPart(
  part: Part,
  cwd: string,
  signal: AbortSignal,
  write: (text: string) => void
): Promise<PartResult> {
  const startedAt = Date.now()
  const [command, ...args] = part.command
  const mark = `${process.pid}-${part.name}`
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...part.environment, WORKSIGHT_TEST_PART: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const end = () => {
    child.kill('SIGKILL')
    killLeftovers('WORKSIGHT_TEST_PART', mark)
  }
  process.once('exit', end)
  signal.addEventListener('abort', end)
  const timer = setTimeout(() => {
    write(`\n${part.title}: not done after ${part.minutes} minutes, ended\n`)
    end()
  }, part.minutes * 60_000)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      write(text)
    })
  }
  return new Promise<PartResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', end)
    child.once('close', (code) => {
      const seconds = Math.round((Date.now() - startedAt) / 1000)
      resolve({ name: part.name, seconds, ...verdict(output, code) })
    })
  }).finally(() => {
    clearTimeout(timer)
    process.removeListener('exit', end)
    signal.removeEventListener('abort', end)
  })
}

/** Japa closes with `Tests  12 passed, 1 failed (13)`, in colours. */
export function verdict(output: string, code: number | null): { passed: number; failed: number } {
  const line =
    stripVTControlCharacters(output)
      .split('\n')
      .findLast((text) => /^\s*Tests\s+\d+ /.test(text)) ?? ''
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0)
  const passed = count('passed')
  const failed = count('failed')
  const isBroken = code !== 0 || passed === 0 || count('skipped') > 0 || count('todo') > 0
  return { passed, failed: isBroken ? Math.max(1, failed) : failed }
}
