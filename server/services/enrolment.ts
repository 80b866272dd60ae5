import type { AcknowledgementBody } from '#contract/configuration'
import type { Enrolment, EnrolmentAnswer } from '#contract/enrolment'
import { E_CODE_REFUSED, E_INVALID } from '#exceptions/api_errors'
import Agent, { INGEST } from '#models/agent'
import EnrolmentCode from '#models/enrolment_code'
import User from '#models/user'
import { appendToLedger, sha256 } from '#services/acknowledgement_ledger'
import { recordChange, type Actor } from '#services/audit'
import { untilWon } from '#services/database_errors'
import { agentChanges } from '#services/agent_changes'
import { hashSecret, makeEnrolmentCode } from '#services/secrets'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

type NewCode = {
  readonly site: string
  readonly name: string | null
  readonly personId: number | null
  readonly createdBy: number | null
  readonly ttlMinutes: number
  readonly uses: number
}

/** Makes an enrolment code. The code itself is given back once and kept nowhere. */
export async function createEnrolmentCode(
  { ttlMinutes, uses, ...details }: NewCode,
  actor: Actor = 'command'
) {
  const code = makeEnrolmentCode()
  const expiresAt = Date.now() + ttlMinutes * 60_000
  const made = { ...details, hash: hashSecret(code), usesAllowed: uses, uses: 0, expiresAt }
  return db.transaction(async (trx) => {
    const enrolmentCode = await EnrolmentCode.create(made, { client: trx })
    const object = { type: 'enrolment_code', id: enrolmentCode.id, personId: details.personId }
    const { site, name } = details
    await recordChange(trx, actor, 'code.create', object, null, { site, name, uses, expiresAt })
    return { code, enrolmentCode }
  })
}

/** Ends a code: it lets nobody in any more. One that is ended already stays as it is. */
export async function revokeEnrolmentCode(code: EnrolmentCode, actor: Actor): Promise<void> {
  if (code.revokedAt) {
    return
  }
  await db.transaction(async (trx) => {
    await code.useTransaction(trx).merge({ revokedAt: Date.now() }).save()
    const object = { type: 'enrolment_code', id: code.id, personId: code.personId }
    await recordChange(trx, actor, 'code.revoke', object)
  })
}

/**
 * Exchanges a code for a new agent and its token. The use of the code, the agent and what its person
 * acknowledged are one transaction; two agents with the last use of one code cannot both pass.
 * Throws E_CODE_REFUSED.
 */
export function enrol(enrolment: Enrolment) {
  return untilWon(() => enrolOnce(enrolment))
}

async function enrolOnce(enrolment: Enrolment) {
  const { code, site, host, acknowledgement, previous_token: previousToken, ...rest } = enrolment
  const { name, person, ...machine } = rest
  return db.transaction(async (trx) => {
    const now = Date.now()
    const hash = hashSecret(code)
    const taken = await trx
      .from('enrolment_codes')
      .where('hash', hash)
      .whereNull('revoked_at')
      .where('expires_at', '>', now)
      .whereColumn('uses', '<', 'uses_allowed')
      .increment('uses', 1)
    if (Number(taken) !== 1) {
      throw new E_CODE_REFUSED(undefined, { field: 'code' })
    }
    const invitation = await EnrolmentCode.query({ client: trx }).where('hash', hash).firstOrFail()
    if (site && site !== invitation.site) {
      throw new E_CODE_REFUSED(`This code is for the site "${invitation.site}", not "${site}"`, {
        field: 'site',
      })
    }
    if (person && !(await isPerson(invitation.personId, person, trx))) {
      throw new E_CODE_REFUSED('This code is not for the person that was named', {
        field: 'person',
      })
    }
    const known = await knownAgent(trx, previousToken, invitation.personId)
    const agent = await (known ?? new Agent().useTransaction(trx))
      .merge({
        ...machine,
        host,
        name: invitation.name ?? name ?? known?.name ?? host.slice(0, 120),
        site: invitation.site,
        personId: invitation.personId,
        enrolmentCodeId: invitation.id,
      })
      .save()
    if (acknowledgement) {
      await keepAcknowledgement(agent, acknowledgement, trx)
    }
    const token = await Agent.accessTokens.createIn(trx, agent, [INGEST])
    return { agent, token, seq: agent.lastSeq ?? 0 }
  })
}

/** What an agent is told once that is enrolled: its identity, with its token in clear. */
export async function enrolmentAnswer({
  agent,
  token,
  seq,
}: Awaited<ReturnType<typeof enrol>>): Promise<EnrolmentAnswer> {
  await agent.load('person')
  const { id, name, site } = agent
  const person = agent.person?.fullName ?? null
  return { agent: { id, name, site, person }, token: token.value?.release() ?? '', seq }
}

/**
 * Keeps that the person of an agent read a notice: who, when, which version and text, sealed in the
 * ledger. Gives whether that was news. Throws E_INVALID where the text is not the one of its hash.
 */
export async function keepAcknowledgement(
  agent: Agent,
  acknowledgement: AcknowledgementBody,
  outer?: TransactionClientContract
): Promise<boolean> {
  if (!outer) {
    return untilWon(() => db.transaction((trx) => keepAcknowledgement(agent, acknowledgement, trx)))
  }
  const { version, text_sha256: hash, language, acknowledged_at: at, text } = acknowledgement
  if (text !== undefined) {
    await keepNotice(outer, agent, { ...acknowledgement, text })
  }
  const known = await outer
    .from('acknowledgements')
    .where({ agent_id: agent.id, person_id: agent.personId ?? null, version, text_sha256: hash })
    .select('id')
    .first()
  if (known) {
    return false
  }
  await appendToLedger(outer, {
    agent_id: agent.id,
    person_id: agent.personId ?? null,
    subject: agent.personId ? `person:${agent.personId}` : `agent:${agent.id}`,
    version,
    text_sha256: hash,
    language,
    acknowledged_at: Date.parse(at),
    kept_at: Date.now(),
  })
  await agentChanges.announce(agent.id, outer)
  return true
}

/** Keeps the text of a notice, once. */
async function keepNotice(
  trx: TransactionClientContract,
  agent: Agent,
  { version, text_sha256: hash, language, text }: AcknowledgementBody & { readonly text: string }
): Promise<void> {
  if (sha256(text) !== hash) {
    throw new E_INVALID('The text is not the one that text_sha256 names', { field: 'text' })
  }
  await trx
    .knexQuery()
    .insert({
      text_sha256: hash,
      version,
      language,
      site: agent.site,
      text,
      first_seen_at: Date.now(),
    })
    .into('notices')
    .onConflict('text_sha256')
    .ignore()
}

/** Whether a person has this name or address. */
export async function isPerson(
  id: number | null,
  named: string,
  trx: TransactionClientContract
): Promise<boolean> {
  const user = id === null ? null : await User.query({ client: trx }).where('id', id).first()
  const wanted = named.trim().toLowerCase()
  return [user?.fullName, user?.email].some((known) => known?.trim().toLowerCase() === wanted)
}

/**
 * The agent that `token` was for, when it belongs to the same person and is not revoked: the machine
 * enrols again, and its sequence goes on. The old token ends here.
 */
async function knownAgent(
  trx: TransactionClientContract,
  token: string | undefined,
  personId: number | null
): Promise<Agent | null> {
  const verified = token ? await Agent.accessTokens.verifyIn(trx, token) : null
  if (!verified) {
    return null
  }
  const agent = await Agent.query({ client: trx })
    .where('id', Number(verified.tokenableId))
    .whereNull('revoked_at')
    .first()
  if (!agent || (agent.personId ?? null) !== personId) {
    return null
  }
  await trx.from('agent_access_tokens').where('tokenable_id', agent.id).delete()
  return agent
}
