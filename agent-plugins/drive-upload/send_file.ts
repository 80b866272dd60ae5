import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoff, type Http } from '@worksight/agent-core'
import {
  ChunkSize,
  reasonOf,
  sessionVerdict,
  type SessionAnswer,
  type SessionVerdict,
} from './resumable.ts'

/** One file, and the session that takes it. */
export type FileToSend = {
  readonly path: string
  readonly bytes: number
  readonly session: string
}

export type SendOptions = {
  readonly http: Pick<Http, 'post'>
  /** Bytes of one chunk at the most; a multiple of 256 KiB. */
  readonly mostChunkBytes: number
  /** Told how many bytes Google has. */
  readonly progress?: (bytes: number) => void
  readonly signal: AbortSignal
  /** Waiting, so that a spec need not. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
  readonly random?: () => number
}

/** How it ended; `stop` leaves the file where it is. */
export type SendOutcome =
  | { readonly status: 'done' }
  | { readonly status: 'reopen'; readonly reason: string }
  | {
      readonly status: 'stop'
      readonly isFull: boolean
      readonly reason: string
      readonly retryAfterMs: number | null
    }

/** Breaks in a row, without a byte of progress, after which somebody else decides when to go on. */
const MOST_BREAKS = 5
/** Whoever asks for a longer wait gets it, but not here. */
const LONGEST_WAIT_MS = 30_000
/** Google may think for a while before it says that a file is whole. */
const LIMITS = { connectMs: 10_000, headersMs: 90_000, idleMs: 60_000 } as const

/**
 * Sends a file over its session, from where the session stands: after every break it is asked how much
 * arrived, so that at most one chunk is sent twice.
 */
export async function sendFile(file: FileToSend, options: SendOptions): Promise<SendOutcome> {
  const { signal, progress, random, wait = rest } = options
  const chunk = new ChunkSize(options.mostChunkBytes)
  let furthest = 0
  let breaks = 0
  let verdict = await ask(file, options)
  for (let wasChunk = false; ; ) {
    if (verdict.then === 'done') {
      return { status: 'done' }
    }
    if (verdict.then === 'reopen') {
      return { status: 'reopen', reason: verdict.reason }
    }
    if (verdict.then === 'stop') {
      const { isFull, reason } = verdict
      return { status: 'stop', isFull, reason, retryAfterMs: null }
    }
    const from = verdict.then === 'send' ? verdict.from : null
    const isStuck = from === null || from >= file.bytes || (wasChunk && from <= furthest)
    if (from !== null && from > furthest) {
      furthest = from
      breaks = 0
      progress?.(from)
    }
    if (isStuck) {
      const { reason, retryAfterMs } = verdict.then === 'ask' ? verdict : NOTHING_ARRIVES
      breaks += 1
      chunk.broke()
      if (breaks > MOST_BREAKS || (retryAfterMs ?? 0) > LONGEST_WAIT_MS || signal.aborted) {
        return { status: 'stop', isFull: false, reason, retryAfterMs }
      }
      // a line that broke once is simply picked up again; whoever answers with an error is let alone
      const isLine = breaks === 1 && verdict.then === 'ask' && !verdict.answered
      await wait(isLine ? 0 : backoff(breaks, retryAfterMs, random), signal)
      verdict = await ask(file, options)
      wasChunk = false
    } else {
      const until = Math.min(file.bytes, from + chunk.bytes)
      verdict = await sendChunk(file, from, until, options)
      wasChunk = true
      if (verdict.then === 'send' && verdict.from === until) {
        chunk.passed()
      }
    }
  }
}

const NOTHING_ARRIVES = { reason: 'Google Drive takes nothing of it', retryAfterMs: null } as const

/** How much of the file is there. */
async function ask(file: FileToSend, options: SendOptions): Promise<SessionVerdict> {
  return put(file, { 'content-range': `bytes */${file.bytes}` }, Buffer.alloc(0), options)
}

async function sendChunk(
  file: FileToSend,
  from: number,
  until: number,
  options: SendOptions
): Promise<SessionVerdict> {
  const body = {
    length: until - from,
    open: () => createReadStream(file.path, { start: from, end: until - 1 }),
  }
  return put(file, { 'content-range': `bytes ${from}-${until - 1}/${file.bytes}` }, body, options)
}

async function put(
  { session }: FileToSend,
  headers: Record<string, string>,
  body: Parameters<Http['post']>[0]['body'],
  { http, signal }: SendOptions
): Promise<SessionVerdict> {
  const { reply, headers: answered } = await http.post({
    method: 'PUT',
    url: new URL(session),
    headers,
    body,
    signal,
    limits: LIMITS,
    isOnce: true, // what arrived of a chunk is asked, never guessed
  })
  const answer: SessionAnswer =
    reply.kind === 'failure'
      ? { status: null, message: `${reply.message} (${reply.code})` }
      : {
          status: reply.status,
          reason: reasonOf(reply.body),
          range: answered.range ?? null,
          retryAfterMs: reply.retryAfterMs,
        }
  return sessionVerdict(answer)
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined) // aborted: whoever waits sees it
}
