import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const AGENT = join(import.meta.dirname, '../bin/agent.ts')

/** How a command ended, and what it wrote. `exit` is null when a signal ended it. */
export type Ended = {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `worksight-agent` as a process of its own, without a terminal. */
export function agentProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {}
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [AGENT, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const ended = Promise.all([exit, output]).then(([code, [stdout, stderr]]) => ({
    exit: code,
    stdout,
    stderr,
  }))
  return { child, ended }
}
