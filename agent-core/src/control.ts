import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AgentError, asError, type ErrorCode } from './errors.ts'
import type { TrustRequest } from './trust/trust.ts'

/** What a command on this machine may ask of the running agent. There is no way in from outside. */
export type ControlRequest =
  | { readonly verb: 'status' }
  | { readonly verb: 'reload' }
  | { readonly verb: 'retry'; readonly ids: readonly string[] }
  | { readonly verb: 'purge'; readonly ids: readonly string[] }
  | { readonly verb: 'drop'; readonly ids: readonly string[] }
  | { readonly verb: 'flush'; readonly seconds: number }
  | { readonly verb: 'sent' }
  | { readonly verb: 'tap' }
  | { readonly verb: 'trust'; readonly request: TrustRequest }

type ControlAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string; readonly code?: ErrorCode }

/** An answer that goes on: `begin` gets where values go, and answers how to end it. */
export class Live {
  readonly begin: (emit: (value: unknown) => void) => () => void

  constructor(begin: Live['begin']) {
    this.begin = begin
  }
}

/** Longest path that a local socket can have on every system. */
const LONGEST_PATH = 100
const ANSWER_MS = 5_000
/** A listener that is further behind is let go of: the agent's memory is not its buffer. */
const MOST_BEHIND_BYTES = 8 * 1024 * 1024

/**
 * Answers the commands of this user on this machine, over a local socket in the data folder (a named
 * pipe on Windows), which only its owner can open. Answers how to close it.
 */
export async function serveControl(
  dataDir: string,
  handle: (request: ControlRequest) => Promise<unknown>
): Promise<() => Promise<void>> {
  const path = controlPath(dataDir)
  if (process.platform !== 'win32') {
    rmSync(path, { force: true }) // whoever left it is gone: the spool's lock is ours
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    createInterface({ input: socket }).once('line', (line) => {
      void answerTo(line, handle).then((answer) => send(socket, answer))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  server.unref()
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      sockets.forEach((socket) => socket.destroy())
    })
}

function send(socket: Socket, answer: ControlAnswer): void {
  if (!answer.ok || !(answer.value instanceof Live)) {
    socket.end(`${JSON.stringify(answer)}\n`)
    return
  }
  const end = answer.value.begin((value) => {
    socket.write(`${JSON.stringify({ ok: true, value })}\n`)
    if (socket.writableLength > MOST_BEHIND_BYTES) {
      socket.destroy()
    }
  })
  socket.once('close', end)
}

/** Asks the running agent; null when there is none. Rejects with what the agent refuses. */
export async function askAgent(
  dataDir: string,
  request: ControlRequest,
  withinMs = ANSWER_MS
): Promise<{ value: unknown } | null> {
  const line = await exchange(controlPath(dataDir), JSON.stringify(request), withinMs)
  return line === null ? null : { value: valueOf(line) }
}

/**
 * Calls `heard` with each value of an answer that goes on, until `signal` aborts or the agent ends.
 * Answers whether there was an agent.
 */
export function followAgent(
  dataDir: string,
  request: ControlRequest,
  heard: (value: unknown) => void,
  signal: AbortSignal
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let isConnected = false
    const socket = createConnection(controlPath(dataDir), () => {
      isConnected = true
      socket.write(`${JSON.stringify(request)}\n`)
    })
    const end = () => socket.destroy()
    signal.addEventListener('abort', end, { once: true })
    socket.once('error', () => resolve(isConnected))
    socket.once('close', () => {
      signal.removeEventListener('abort', end)
      resolve(isConnected)
    })
    createInterface({ input: socket })
      .on('line', (line) => {
        try {
          heard(valueOf(line))
        } catch (error) {
          reject(asError(error))
          end()
        }
      })
      .on('error', end)
  })
}

function valueOf(line: string): unknown {
  const answer = JSON.parse(line) as ControlAnswer
  if (!answer.ok) {
    throw answer.code === undefined
      ? new Error(answer.error)
      : new AgentError(answer.code, answer.error)
  }
  return answer.value
}

function controlPath(dataDir: string): string {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\worksight-${name}`
  }
  const path = join(dataDir, 'agent.sock')
  return Buffer.byteLength(path) <= LONGEST_PATH ? path : join(tmpdir(), `worksight-${name}.sock`)
}

async function answerTo(
  line: string,
  handle: (request: ControlRequest) => Promise<unknown>
): Promise<ControlAnswer> {
  try {
    return { ok: true, value: (await handle(JSON.parse(line) as ControlRequest)) ?? null }
  } catch (error) {
    const { message } = asError(error)
    return error instanceof AgentError
      ? { ok: false, error: message, code: error.code }
      : { ok: false, error: message }
  }
}

function exchange(path: string, line: string, withinMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => socket.write(`${line}\n`))
    socket.setTimeout(withinMs, () => socket.destroy())
    socket.once('error', () => resolve(null))
    socket.once('close', () => resolve(null))
    createInterface({ input: socket })
      .once('line', resolve)
      .on('error', () => resolve(null))
  })
}
