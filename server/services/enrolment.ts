import type { AcknowledgementBody } from '#contract/configuration'
import type { Enrolment } from '#contract/enrolment'
import { E_CODE_REFUSED } from '#exceptions/api_errors'
import Agent, { INGEST } from '#models/agent'
import EnrolmentCode from '#models/enrolment_code'
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
export async function createEnrolmentCode({ ttlMinutes, uses, ...details }: NewCode) {
  const code = makeEnrolmentCode()
  const enrolmentCode = await EnrolmentCode.create({
    ...details,
    hash: hashSecret(code),
    usesAllowed: uses,
    uses: 0,
    expiresAt: Date.now() + ttlMinutes * 60_000,
  })
  return { code, enrolmentCode }
}

/**
 * Exchanges a code for a new agent and its token. The use of the code, the agent and what its person
 * acknowledged are one transaction; two agents with the last use of one code cannot both pass.
 * Throws E_CODE_REFUSED.
 */
export async function enrol(enrolment: Enrolment) {
  const { code, site, host, acknowledgement, previous_token: previousToken, ...machine } = enrolment
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
    const known = await knownAgent(trx, previousToken, invitation.personId)
    const agent = await (known ?? new Agent().useTransaction(trx))
      .merge({
        ...machine,
        host,
        name: invitation.name ?? known?.name ?? host.slice(0, 120),
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

/**
 * Keeps that the person of an agent read a notice: who, when, which version and text. Gives whether
 * that was news.
 */
export async function keepAcknowledgement(
  agent: Agent,
  { version, text_sha256: text, language, acknowledged_at: at }: AcknowledgementBody,
  trx?: TransactionClientContract
): Promise<boolean> {
  const client = trx ?? db.connection()
  const known = await client
    .from('acknowledgements')
    .where({ agent_id: agent.id, person_id: agent.personId ?? null, version, text_sha256: text })
    .select('id')
    .first()
  if (known) {
    return false
  }
  await client.table('acknowledgements').insert({
    agent_id: agent.id,
    person_id: agent.personId,
    version,
    text_sha256: text,
    language,
    acknowledged_at: Date.parse(at),
    created_at: new Date(),
  })
  await agentChanges.announce(agent.id, trx)
  return true
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
