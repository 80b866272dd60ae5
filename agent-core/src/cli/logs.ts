import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import { AgentError, systemCode } from '../errors.ts'
import { LOG_FILES } from '../logger.ts'
import { durationMs } from '../trust/duration.ts'
import type { Context } from './context.ts'
import type { Does } from './program.ts'
import { untilInterrupted } from './signals.ts'

type LogFlags = { readonly follow?: boolean; readonly since?: string; readonly level?: string }
type Line = Readonly<Record<string, unknown>> & {
  readonly time: number
  readonly level: number
  readonly msg: string
}

/** Names of the levels as pino numbers them. */
const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const
const LOOK_EVERY_MS = 300
const SAID = ['time', 'level', 'msg', 'pid', 'stack']

/** `logs`: what the agent wrote down, oldest first. Changes nothing. */
export function logCommand(program: Command, does: Does): void {
  program
    .command('logs')
    .description('what the agent wrote down')
    .option('-f, --follow', 'goes on until Ctrl-C')
    .option('--since <duration>', 'only the last so long: 30m, 2h')
    .option('--level <level>', `at least this: ${Object.keys(LEVELS).join(', ')}`, 'info')
    .action(does((context, flags: LogFlags) => logs(context, flags)))
}

async function logs(context: Context, flags: LogFlags): Promise<number> {
  const least = levelOf(flags.level ?? 'info')
  const since = flags.since === undefined ? 0 : Date.now() - durationMs(flags.since)
  const show = (text: string) => {
    const line = lineOf(text)
    if (line !== null && line.level >= least && line.time >= since) {
      context.out.data(pretty(context, line), line)
    }
  }
  const files = await filesIn(context.logDir)
  const current = join(context.logDir, LOG_FILES.name)
  for (const file of files.filter((path) => flags.follow !== true || path !== current)) {
    for await (const text of createInterface({ input: createReadStream(file) })) {
      show(text)
    }
  }
  if (flags.follow === true) {
    await follow(current, show, untilInterrupted())
  }
  return 0
}

/** The log files, oldest first: those that were turned over carry their time in front. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    const old = names.filter((name) => name.endsWith(`-${LOG_FILES.name}`)).sort()
    const current = names.filter((name) => name === LOG_FILES.name)
    return [...old, ...current].map((name) => join(folder, name))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return []
    }
    throw error
  }
}

/** Shows a file and what is added to it; one that was turned over is read from its beginning. */
async function follow(
  path: string,
  show: (text: string) => void,
  signal: AbortSignal
): Promise<void> {
  let from = 0
  let rest = ''
  while (!signal.aborted) {
    const size = await sizeOf(path)
    if (size < from) {
      from = 0
      rest = ''
    }
    if (size > from) {
      const lines = (rest + (await slice(path, from, size))).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(show)
      from = size
    }
    await setTimeout(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined) // aborted: the loop ends
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return 0
    }
    throw error
  }
}

async function slice(path: string, from: number, until: number): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(until - from),
      position: from,
    })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

function levelOf(name: string): number {
  if (!(name in LEVELS)) {
    throw new AgentError(
      'E_MISSING_ANSWER',
      `Expected --level to be one of ${Object.keys(LEVELS).join(', ')}, found "${name}"`
    )
  }
  return LEVELS[name as keyof typeof LEVELS]
}

function lineOf(text: string): Line | null {
  try {
    const line = JSON.parse(text) as Partial<Line>
    return typeof line.time === 'number' && typeof line.level === 'number' ? (line as Line) : null
  } catch {
    return null // half a line, as a crash leaves it
  }
}

function pretty(context: Context, line: Line): string {
  const name = Object.entries(LEVELS).find(([, level]) => level === line.level)?.[0] ?? 'info'
  const time = new Date(line.time).toISOString().slice(0, 19).replace('T', ' ')
  const facts = Object.entries(line)
    .filter(([key]) => !SAID.includes(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const colour = line.level >= 50 ? 'red' : line.level >= 40 ? 'yellow' : 'green'
  return `${time} ${context.out.paint(colour, name.padEnd(5))} ${line.msg}  ${context.out.paint('dim', facts.join(' '))}`
}
