import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
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
  | { readonly verb: 'trust'; readonly request: TrustRequest }

type ControlAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string; readonly code?: ErrorCode }

/** Longest path that a local socket can have on every system. */
const LONGEST_PATH = 100
const ANSWER_MS = 5_000

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
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).once('line', (line) => {
      answerTo(line, handle).then((answer) => socket.end(`${JSON.stringify(answer)}\n`))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}

/** Asks the running agent; null when there is none. Rejects with what the agent refuses. */
export async function askAgent(
  dataDir: string,
  request: ControlRequest
): Promise<{ value: unknown } | null> {
  const line = await exchange(controlPath(dataDir), JSON.stringify(request))
  if (line === null) {
    return null
  }
  const answer = JSON.parse(line) as ControlAnswer
  if (!answer.ok) {
    throw answer.code === undefined
      ? new Error(answer.error)
      : new AgentError(answer.code, answer.error)
  }
  return { value: answer.value }
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

function exchange(path: string, line: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => socket.write(`${line}\n`))
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.once('error', () => resolve(null))
    socket.once('close', () => resolve(null))
    createInterface({ input: socket })
      .once('line', resolve)
      .on('error', () => resolve(null))
  })
}
