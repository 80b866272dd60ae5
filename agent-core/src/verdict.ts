import type { ErrorAnswer } from '../contract/answers.ts'

/** What came back from the server: an answer, or the reason why there is none. */
export type Reply =
  | {
      readonly kind: 'answer'
      readonly status: number
      /** What `Retry-After` asks for, in milliseconds, or null. */
      readonly retryAfterMs: number | null
      /** The parsed body, or undefined when it is not complete JSON. */
      readonly body: unknown
    }
  | {
      readonly kind: 'failure'
      /** A system error's name, such as ECONNREFUSED, or E_TIMEOUT. */
      readonly code: string
      readonly message: string
    }

/**
 * What becomes of one item.
 *
 * - `accepted`: the server has it; it leaves the spool.
 * - `rejected`: the server will never take it; it becomes a dead letter.
 * - `keep`: it stays, and is tried again after a backoff of at least `retryAfterMs`. `answered`
 *   says whether a server answered at all; `by` names the destination that stood in the way where
 *   that was not the server.
 * - `hold`: it stays, and the lane stands still until `probeAfterMs` have passed, because a person
 *   must do something: `reason` tells what. With `then: 'dead'` the same answer a second time makes
 *   a dead letter.
 * - `split`: the batch as a whole was refused and nobody was named; halve it. An item that is alone
 *   is rejected.
 */
export type Verdict =
  | { readonly status: 'accepted'; readonly result: 'created' | 'duplicate' }
  | {
      readonly status: 'rejected'
      readonly code: string
      readonly field: string | null
      readonly message: string
    }
  | {
      readonly status: 'keep'
      readonly answered: boolean
      readonly reason: string
      readonly retryAfterMs: number | null
      readonly by?: string
    }
  | {
      readonly status: 'hold'
      readonly code: string
      readonly reason: string
      readonly probeAfterMs: number
      readonly then: 'probe' | 'dead'
    }
  | { readonly status: 'split'; readonly code: string; readonly reason: string }

const PROBE_MS = 15 * 60_000
const HOUR_MS = 60 * 60_000

/**
 * The verdict on each of `ids`, in their order, from one reply. The only place that judges an
 * answer; the table is in docs and in the spec of this file. Success is 2xx *and* JSON *and* the
 * same ids echoed: a captive portal's 200 is no acknowledgement.
 */
export function verdicts(reply: Reply, ids: readonly string[]): readonly Verdict[] {
  if (reply.kind === 'failure') {
    return ids.map(() => keep(`${reply.message} (${reply.code})`, false))
  }
  if (reply.status >= 200 && reply.status < 300) {
    return echoed(reply.body, ids)
  }
  const verdict = refusal(reply.status, errorOf(reply.body), reply.retryAfterMs)
  return ids.map(() => verdict)
}

function refusal(
  status: number,
  error: ErrorAnswer['error'] | null,
  retryAfterMs: number | null
): Verdict {
  const said = error === null ? `The server answered ${status}` : error.message
  const code = error?.code ?? `HTTP_${status}`
  if (status >= 300 && status < 400) {
    return hold(
      code,
      `The server redirects (${status}); the address of this agent's server is wrong`
    )
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500 || status < 200) {
    return keep(said, true, retryAfterMs)
  }
  switch (status) {
    case 401:
      return hold(code, 'The server does not know this token; the agent needs to be enrolled again')
    case 403:
      return hold(code, `The server refuses this agent: ${said}`)
    case 404:
    case 405:
      return hold(code, `The server has no such address; is it a WorkSight server? ${said}`)
    case 410:
      return hold(code, `This agent was retired: ${said}`)
    case 426:
      return hold(code, `The server wants a newer agent: ${said}`)
    case 413:
      return { status: 'split', code, reason: said }
    case 400:
    case 422:
      return error === null ? later(code, said) : { status: 'split', code, reason: said }
    case 409:
      return error === null
        ? later(code, said)
        : { status: 'rejected', code, field: error.field, message: said }
    default:
      return later(code, said)
  }
}

/** Reads `{ results }` of a batch or `{ id, result }` of a single item. */
function echoed(body: unknown, ids: readonly string[]): readonly Verdict[] {
  const results = isRecord(body) && Array.isArray(body.results) ? body.results : [body]
  const byId = new Map<string, Verdict>()
  results.forEach((result: unknown, index) => {
    const named = isRecord(result) ? result.id : undefined
    const id = named === null && results.length === ids.length ? ids[index] : named
    const verdict = one(result)
    if (typeof id === 'string' && verdict !== null) {
      byId.set(id, verdict)
    }
  })
  return ids.map(
    (id) =>
      byId.get(id) ??
      keep('The answer is not that of a WorkSight server: no result for the item', true)
  )
}

function one(result: unknown): Verdict | null {
  if (!isRecord(result)) {
    return null
  }
  if (result.result === 'created' || result.result === 'duplicate') {
    return { status: 'accepted', result: result.result }
  }
  if (result.result === 'conflict' || result.result === 'rejected') {
    return {
      status: 'rejected',
      code: textOr(result.code, 'E_REJECTED'),
      field: typeof result.field === 'string' ? result.field : null,
      message: textOr(result.message, `The server answered "${result.result}"`),
    }
  }
  return null
}

/** The error that a body of the server names; null for any other body. */
export function errorOf(body: unknown): ErrorAnswer['error'] | null {
  const error = isRecord(body) ? body.error : null
  if (!isRecord(error) || typeof error.code !== 'string') {
    return null
  }
  return {
    code: error.code,
    message: textOr(error.message, error.code),
    field: typeof error.field === 'string' ? error.field : null,
    help: textOr(error.help, ''),
    id: textOr(error.id, ''),
  }
}

function keep(reason: string, answered: boolean, retryAfterMs: number | null = null): Verdict {
  return { status: 'keep', answered, reason, retryAfterMs }
}

function hold(code: string, reason: string): Verdict {
  return { status: 'hold', code, reason, probeAfterMs: PROBE_MS, then: 'probe' }
}

function later(code: string, reason: string): Verdict {
  return { status: 'hold', code, reason, probeAfterMs: HOUR_MS, then: 'dead' }
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
