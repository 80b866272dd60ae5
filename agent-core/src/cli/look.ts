import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Command } from 'commander'
import { AgentError, asError } from '../errors.ts'
import type { CapturedFile } from '../plugin.ts'
import type { Context } from './context.ts'
import { columns, size } from './output.ts'
import type { Does } from './program.ts'
import { untilInterrupted } from './signals.ts'

type CaptureFlags = {
  readonly out: string
  readonly monitor?: string
  readonly format?: string
}
type RecordFlags = { readonly out: string; readonly seconds: string }

const CAPTURE_MS = 30_000
const MOST_SECONDS = 600

/** `capture`, `record`, `sysinfo`: what the agent would see, on this disk and nowhere else. */
export function lookCommands(program: Command, does: Does): void {
  program
    .command('capture')
    .description('takes a picture into a file of this disk; nothing is sent')
    .requiredOption('--out <file>', 'the file; further displays get a number')
    .option('--monitor <number>', 'only this display, from 1 on')
    .option(
      '--format <format>',
      'webp, png, jpeg or avif (default: by the ending of the file, else as the site stores them)'
    )
    .action(does((context, flags: CaptureFlags) => capture(context, flags)))
  program
    .command('record')
    .description('records into a file of this disk; nothing is sent')
    .requiredOption('--out <file>', 'the file')
    .option('--seconds <seconds>', `how long, at most ${MOST_SECONDS}`, '10')
    .action(does((context, flags: RecordFlags) => record(context, flags)))
  program
    .command('sysinfo')
    .description('what the heartbeat says of this machine')
    .action(does(systemInformation))
}

async function capture(context: Context, { out, monitor, format }: CaptureFlags): Promise<number> {
  const plugin = (await context.site()).plugins.find((one) => one.capture !== undefined)
  if (plugin?.capture === undefined) {
    throw new AgentError('E_NO_CAPTURE', 'Expected a plugin that takes pictures, found none')
  }
  const { capture: look } = plugin
  const files = await seen((signal) => look.call(plugin, signal, format ?? formatOf(out)))
  const chosen = monitor === undefined ? files : files.slice(Number(monitor) - 1, Number(monitor))
  if (chosen.length === 0) {
    throw new AgentError(
      'E_UNKNOWN_DISPLAY',
      `Expected --monitor from 1 to ${files.length}, found "${monitor}"`
    )
  }
  const written = await Promise.all(
    chosen.map(async ({ display, mediaType, data }, index) => {
      const file = index === 0 ? out : numbered(out, index + 1)
      await writeFile(file, data, { mode: 0o600 })
      return { file, display, media_type: mediaType, bytes: data.byteLength }
    })
  )
  context.out.data(
    columns(written.map(({ file, display, bytes }) => [file, `display ${display}`, size(bytes)])),
    written
  )
  return 0
}

const BY_ENDING: Readonly<Record<string, string>> = {
  '.webp': 'webp',
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.avif': 'avif',
}

const formatOf = (file: string): string | undefined => BY_ENDING[extname(file).toLowerCase()]

async function seen(
  look: (signal: AbortSignal) => Promise<readonly CapturedFile[]>
): Promise<readonly CapturedFile[]> {
  try {
    return await look(AbortSignal.timeout(CAPTURE_MS))
  } catch (cause) {
    if (cause instanceof AgentError) {
      throw cause
    }
    throw new AgentError('E_NO_CAPTURE', asError(cause).message, { cause })
  }
}

function numbered(file: string, number: number): string {
  const ending = extname(file)
  return `${file.slice(0, file.length - ending.length)}-${number}${ending}`
}

async function record(context: Context, flags: RecordFlags): Promise<number> {
  const seconds = Number(flags.seconds)
  if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
    throw new AgentError(
      'E_MISSING_ANSWER',
      `Expected --seconds from 1 to ${MOST_SECONDS}, found "${flags.seconds}"`
    )
  }
  const plugin = (await context.site()).plugins.find((one) => one.recordTo !== undefined)
  if (plugin?.recordTo === undefined) {
    throw new AgentError('E_NO_CAPTURE', 'Expected a plugin that records, found none')
  }
  try {
    await plugin.recordTo(flags.out, seconds, untilInterrupted())
  } catch (cause) {
    throw new AgentError('E_NO_CAPTURE', asError(cause).message, { cause })
  }
  context.out.data(`Recorded ${seconds} s into ${flags.out}.`, { file: flags.out, seconds })
  return 0
}

async function systemInformation(context: Context): Promise<number> {
  const plugin = (await context.site()).plugins.find((one) => one.facts !== undefined)
  const facts = (await plugin?.facts?.()) ?? {}
  context.out.data(
    columns(Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value)])),
    facts
  )
  return 0
}
