import { open, stat, unlink } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Command } from 'commander'
import { AgentError, asError, systemCode } from '../errors.ts'
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
  const wanted = format ?? formatOf(out)
  const giveUp = await claim(out)
  const files = await seen((signal) => look.call(plugin, signal, wanted)).catch(async (error) => {
    await giveUp()
    throw error
  })
  const chosen = monitor === undefined ? files : files.filter((_, at) => String(at + 1) === monitor)
  if (chosen.length === 0) {
    await giveUp()
    throw new AgentError(
      'E_UNKNOWN_DISPLAY',
      `Expected --monitor to be one of ${files.map((_, at) => at + 1).join(', ')}, found "${monitor}"`
    )
  }
  const written = await Promise.all(
    chosen.map(async ({ display, mediaType, data }, index) => {
      const file = index === 0 ? out : numbered(out, index + 1)
      await write(file, data)
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

/** The format that the ending of a file says; none without one. Throws where it says another one. */
function formatOf(file: string): string | undefined {
  const ending = extname(file).toLowerCase()
  const format = BY_ENDING[ending]
  if (ending !== '' && format === undefined) {
    const endings = Object.keys(BY_ENDING).join(', ')
    const text = `Expected --out to end in ${endings}, or a --format, found "${ending}"`
    throw new AgentError('E_INVALID_ANSWER', text)
  }
  return format
}

/**
 * Makes sure that a file can be written, before anybody looks; nobody else can read one that is new.
 * Answers how to take it away again where it was not there.
 */
async function claim(file: string): Promise<() => Promise<void>> {
  try {
    const isNew = await stat(file).then(
      () => false,
      () => true
    )
    await (await open(file, 'a', 0o600)).close()
    return async () => (isNew ? unlink(file) : undefined)
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

async function write(file: string, data: Uint8Array): Promise<void> {
  try {
    const opened = await open(file, 'w', 0o600)
    await opened.writeFile(data).finally(() => opened.close())
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

function unwritable(file: string, cause: unknown): AgentError {
  const text = `Expected --out to be a file that can be written, found ${file} (${systemCode(cause)})`
  return new AgentError('E_UNWRITABLE_FILE', text, { cause })
}

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
      'E_INVALID_ANSWER',
      `Expected --seconds above 0 and at most ${MOST_SECONDS}, found "${flags.seconds}"`
    )
  }
  const plugin = (await context.site()).plugins.find((one) => one.recordTo !== undefined)
  if (plugin?.recordTo === undefined) {
    throw new AgentError('E_NO_CAPTURE', 'Expected a plugin that records, found none')
  }
  const giveUp = await claim(flags.out)
  const interrupted = untilInterrupted()
  let recorded: number
  try {
    recorded = await plugin.recordTo(flags.out, seconds, interrupted)
  } catch (cause) {
    await giveUp()
    throw new AgentError('E_NO_CAPTURE', asError(cause).message, { cause })
  }
  if (recorded < seconds && !interrupted.aborted) {
    const text = `Expected ${seconds} s, found the recorder ended after ${recorded}; they are in ${flags.out}`
    throw new AgentError('E_NO_CAPTURE', text)
  }
  context.out.data(`Recorded ${recorded} s into ${flags.out}.`, {
    file: flags.out,
    seconds: recorded,
  })
  return 0
}

/** What the heartbeat says; plugins that look at the screen know its displays. */
async function systemInformation(context: Context): Promise<number> {
  const { plugins } = await context.site()
  const told = await Promise.all(plugins.map((plugin) => plugin.facts?.() ?? {}))
  const facts: Readonly<Record<string, unknown>> = Object.assign({}, ...told)
  context.out.data(
    columns(Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value)])),
    facts
  )
  return 0
}
