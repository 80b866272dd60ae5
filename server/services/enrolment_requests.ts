import type { EnrolmentPoll, EnrolmentRequest as Asked } from '#contract/enrolment'
import {
  E_CODE_REFUSED,
  E_REQUEST_EXPIRED,
  E_REQUEST_REFUSED,
  E_TOO_MANY_REQUESTS,
} from '#exceptions/api_errors'
import EnrolmentCode from '#models/enrolment_code'
import EnrolmentRequest from '#models/enrolment_request'
import type User from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import { untilWon } from '#services/database_errors'
import { enrol, isPerson } from '#services/enrolment'
import { hashSecret, makeEnrolmentCode, makeUserCode } from '#services/secrets'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/*
| Computers that ask to be let in without a code (RFC 8628). Whoever says yes makes the secret, with which
| the computer asks, an enrolment code for one computer: what it is good for, and that it is good once,
| is decided where codes are.
*/

/** How long somebody may take to answer, and a confirmed computer to come back, in milliseconds. */
const PATIENCE_MS = 10 * 60_000

/** How long the page of a code still says what became of it, in milliseconds. */
const KEPT_MS = 24 * 3_600_000

/** Seconds between two questions of a computer: at first, more after one too early, and at the most. */
const INTERVAL = { first: 5, more: 5, most: 60 } as const

/** What a timer of the computer may be early, in milliseconds. */
const LEEWAY_MS = 500

/** Requests that wait for an answer: of one address, and of all. As many more as are made in one moment. */
const MOST_OPEN = { ofAddress: 50, ofAll: 1000 } as const

/** Keeps a request. The secret is given back once; its hash is what is kept. Throws E_TOO_MANY_REQUESTS. */
export function openRequest(asked: Asked, address: string) {
  return untilWon(() => db.transaction((trx) => openOnce(asked, address, trx)))
}

async function openOnce(asked: Asked, address: string, trx: TransactionClientContract) {
  const now = Date.now()
  const open = () =>
    trx.from('enrolment_requests').where({ state: 'open' }).where('expires_at', '>', now)
  const [all, here] = [
    await open().count('* as total').first(),
    await open().where({ address }).count('* as total').first(),
  ]
  if (Number(all.total) >= MOST_OPEN.ofAll || Number(here.total) >= MOST_OPEN.ofAddress) {
    throw new E_TOO_MANY_REQUESTS('Too many computers wait to be confirmed', {
      help: 'Confirm or refuse those that wait, or ask again in ten minutes.',
    })
  }
  const deviceCode = makeEnrolmentCode()
  const made = {
    userCode: makeUserCode(),
    hash: hashSecret(deviceCode),
    host: asked.host,
    platform: asked.platform,
    agentVersion: asked.agent_version,
    site: asked.site ?? 'default',
    name: asked.name ?? null,
    person: asked.person ?? null,
    address: address.slice(0, 45),
    state: 'open',
    intervalSeconds: INTERVAL.first,
    askedAt: now,
    expiresAt: now + PATIENCE_MS,
  }
  return { deviceCode, request: await EnrolmentRequest.create(made, { client: trx }) }
}

/** The request of a code as somebody typed it, with or without its hyphen; null where there is none. */
export async function requestOfCode(typed: string): Promise<EnrolmentRequest | null> {
  const userCode = typed.toUpperCase().replace(/[\s-]/g, '')
  return /^[A-Z]{8}$/.test(userCode) ? EnrolmentRequest.findBy('user_code', userCode) : null
}

/**
 * What a computer is told that asks whether it was confirmed: `enrolled` once, else how long it waits.
 * Throws E_REQUEST_REFUSED, E_REQUEST_EXPIRED, or E_CODE_REFUSED for a secret that is unknown or used.
 */
export async function pollRequest({ device_code: deviceCode, ...rest }: EnrolmentPoll) {
  const request = await EnrolmentRequest.findBy('hash', hashSecret(deviceCode))
  if (!request) {
    throw new E_CODE_REFUSED('This request is unknown, or over for long', { field: 'device_code' })
  }
  const now = Date.now()
  switch (request.stateAt(now)) {
    case 'open':
      return (await mayAsk(request, now))
        ? ({ status: 'pending', interval: request.intervalSeconds } as const)
        : ({ status: 'slow_down', interval: await slower(request) } as const)
    case 'confirmed':
      return {
        status: 'enrolled',
        ...(await enrol({ ...rest, ...enrolmentOf(request, deviceCode) })),
      } as const
    case 'refused':
      throw new E_REQUEST_REFUSED()
    case 'over':
      throw new E_REQUEST_EXPIRED()
  }
}

function enrolmentOf(request: EnrolmentRequest, code: string) {
  const { host, platform, agentVersion, site, person } = request
  return { code, host, platform, agent_version: agentVersion, site, ...(person ? { person } : {}) }
}

/** Notes a question, unless it comes too early after the last one. */
async function mayAsk(request: EnrolmentRequest, now: number): Promise<boolean> {
  const earliest = now - request.intervalSeconds * 1000 + LEEWAY_MS
  const noted = await db
    .from('enrolment_requests')
    .where('id', request.id)
    .where((row) => row.whereNull('polled_at').orWhere('polled_at', '<=', earliest))
    .update({ polled_at: now })
  return Number(noted) === 1
}

async function slower(request: EnrolmentRequest): Promise<number> {
  const interval = Math.min(INTERVAL.most, request.intervalSeconds + INTERVAL.more)
  await db.from('enrolment_requests').where('id', request.id).update({ interval_seconds: interval })
  return interval
}

/** `over`: somebody answered before, or nobody in time. `other person`: the computer is for another. */
export type Answered = 'done' | 'over' | 'other person'

/** Lets the computer of a request in, once, as the computer of `person` or of nobody in particular. */
export function confirmRequest(
  request: EnrolmentRequest,
  person: User | null,
  actor: Exclude<Actor, 'command'>
): Promise<Answered> {
  const { id, hash, host, site, name } = request
  const personId = person?.id ?? null
  return untilWon(() =>
    db.transaction(async (trx) => {
      if (request.person && !(await isPerson(personId, request.person, trx))) {
        return 'other person'
      }
      const expiresAt = Date.now() + PATIENCE_MS
      if (!(await answer(request, { state: 'confirmed', expires_at: expiresAt }, trx))) {
        return 'over'
      }
      const made = { hash, site, name, personId, createdBy: actor.user.id, usesAllowed: 1, uses: 0 }
      const code = await EnrolmentCode.create({ ...made, expiresAt }, { client: trx })
      await trx.from('enrolment_requests').where({ id }).update({ enrolment_code_id: code.id })
      const object = { type: 'enrolment_code', id: code.id, personId }
      const facts = { host, site, name, address: request.address, expiresAt }
      await recordChange(trx, actor, 'code.confirm', object, null, facts)
      return 'done'
    })
  )
}

/** Refuses the computer of a request. */
export function refuseRequest(
  request: EnrolmentRequest,
  actor: Exclude<Actor, 'command'>
): Promise<Answered> {
  const { id, host, site, address } = request
  return untilWon(() =>
    db.transaction(async (trx) => {
      if (!(await answer(request, { state: 'refused' }, trx))) {
        return 'over'
      }
      const object = { type: 'enrolment_request', id }
      await recordChange(trx, actor, 'code.refuse', object, null, { host, site, address })
      return 'done'
    })
  )
}

/** Answers a request that is open; of two at once, one does. */
async function answer(
  { id }: EnrolmentRequest,
  changes: Readonly<Record<string, unknown>>,
  trx: TransactionClientContract
): Promise<boolean> {
  const answered = await trx
    .from('enrolment_requests')
    .where({ id, state: 'open' })
    .where('expires_at', '>', Date.now())
    .update(changes)
  return Number(answered) === 1
}

/** Forgets requests that are over since a day. */
export async function forgetRequests(now = Date.now()): Promise<void> {
  await db
    .from('enrolment_requests')
    .where('expires_at', '<', now - KEPT_MS)
    .delete()
}
