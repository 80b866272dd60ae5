import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

/** One system call as strace saw it begin and end; both are positions in its log. */
export type Syscall = {
  readonly name: string
  readonly text: string
  readonly began: number
  readonly ended: number
  readonly wasInjected: boolean
}

/** The flags with which strace watches all threads and writes the files' paths. */
export function straceFlags(log: string, syscalls: string): readonly string[] {
  return ['-f', '-y', '-s', '300', '-e', `trace=${syscalls}`, '-o', log]
}

/** Takes hold of a running process with all its threads; resolves when it has. */
export async function traced(pid: number, flags: readonly string[]): Promise<ChildProcess> {
  const child = spawn('strace', [...flags, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('attached')) {
      return child
    }
  }
  throw new Error(`strace could not take hold of process ${pid}`)
}

/** Waits until strace has written its log. */
export async function traceEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit')
  }
}

/** Reads a log: calls that another thread interrupted are put together again. */
export async function syscallsOf(log: string): Promise<readonly Syscall[]> {
  const calls: Syscall[] = []
  const begun = new Map<string, { readonly text: string; readonly began: number }>()
  const lines = (await readFile(log, 'utf8')).split('\n')
  for (const [index, line] of lines.entries()) {
    const [, thread = '', said = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(said)
    if (said.endsWith('<unfinished ...>')) {
      begun.set(thread, { text: said.slice(0, -16).trimEnd(), began: index })
    } else if (/^\w+\(/.test(said) || resumed !== null) {
      const first = resumed === null ? null : begun.get(thread)
      const text = first === null || first === undefined ? said : `${first.text}${resumed?.[1]}`
      calls.push({
        name: text.slice(0, text.indexOf('(')),
        text,
        began: first?.began ?? index,
        ended: index,
        wasInjected: text.endsWith('(INJECTED)'),
      })
    }
  }
  return calls
}
