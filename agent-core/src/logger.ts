import { pino } from 'pino'
import { createStream } from 'rotating-file-stream'

type Log = {
  (message: string): void
  (fields: object, message: string): void
}

/** Where the agent and its plugins say what happens. One JSON object a line. */
export interface Logger {
  readonly debug: Log
  readonly info: Log
  readonly warn: Log
  readonly error: Log
  child(fields: Record<string, unknown>): Logger
}

/** Keys whose values never reach a log, at the top and one level down: secrets and what people read. */
const REDACTED = [
  'token',
  'authorization',
  'Authorization',
  'code_sent',
  'title',
  'window_title',
  'url',
]

/** Log files: at most `maxFiles` of `size` each are kept. */
export const LOG_FILES = { name: 'agent.log', size: '5M', maxFiles: 5 } as const

/**
 * A logger into `folder`/agent.log, which turns over by size, and into `copy` where one is given.
 * `close` flushes it.
 */
export function fileLogger(
  folder: string,
  level = 'info',
  copy: NodeJS.WritableStream | null = null
): { readonly logger: Logger; close(): Promise<void> } {
  const stream = createStream(LOG_FILES.name, {
    path: folder,
    size: LOG_FILES.size,
    maxFiles: LOG_FILES.maxFiles,
    mode: 0o600,
  })
  return {
    logger: pinoLogger(copy === null ? stream : bothOf(stream, copy), level),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}

function bothOf(
  one: NodeJS.WritableStream,
  other: NodeJS.WritableStream
): Pick<NodeJS.WritableStream, 'write'> {
  return {
    write(line: string) {
      other.write(line)
      return one.write(line)
    },
  }
}

/** A logger into any stream, with secrets and titles left out. */
export function pinoLogger(stream: Pick<NodeJS.WritableStream, 'write'>, level = 'info'): Logger {
  const paths = REDACTED.flatMap((key) => [key, `*.${key}`])
  return pino({ level, redact: { paths, remove: true }, base: { pid: process.pid } }, stream)
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}
