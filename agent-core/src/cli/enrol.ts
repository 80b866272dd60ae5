import { ApiClient, isLoopback } from '../api_client.ts'
import { keepAuthority, readAuthority, trustAuthority } from '../authority.ts'
import { askAgent } from '../control.ts'
import type { Site } from '../define_site.ts'
import { AgentError } from '../errors.ts'
import type { Identity } from '../hooks.ts'
import { shownIdentity } from '../identity.ts'
import { thisMachine } from '../machine.ts'
import { acknowledge, noticeOf, type Acknowledgement } from '../notice.ts'
import { readPolicyValues } from '../policy.ts'
import { PolicyKeeper } from '../policy_keeper.ts'
import { VERSION } from '../runtime.ts'
import type { Context } from './context.ts'
import { enrolByRequest } from './enrol_request.ts'
import { assertHash, isRead, tellServer } from './notice.ts'

export type EnrolFlags = {
  readonly server?: string
  readonly code?: string
  readonly acknowledge?: string
  /** A PEM file with the authority of the server's certificate; kept for the agent, too. */
  readonly ca?: string
  /** What the machine is called, instead of its host name. */
  readonly name?: string
  /** Whom the enrolment must be for. */
  readonly person?: string
  /** http:// to this machine itself is meant. */
  readonly insecureLocalhost?: boolean
}

const ANSWER_MS = 30_000
const INTERRUPTED = 130
const ASK_CODE = 'Enter alone shows a code here, to be confirmed in the dashboard. Code:'

/**
 * `enrol`: exchanges a one-time code for an identity; without one it shows a code and waits until
 * somebody confirms it in the dashboard. The notice is acknowledged by its hash, which goes with the
 * code, or on the terminal, where the notice already holds the policy.
 */
export async function enrol(context: Context, flags: EnrolFlags): Promise<number> {
  const site = await context.site()
  const notice = noticeOf(site)
  const before = context.identities.identity()
  await assertReplaceable(context, before)
  const server = flags.server ?? (await context.ask('Address of the server:', '--server'))
  const code =
    flags.code ?? (flags.server === undefined ? await context.ask(ASK_CODE, '--code') : '')
  const acknowledgement = hashed(flags.acknowledge)

  function hashed(hash: string | undefined): Acknowledgement | null {
    if (hash === undefined) {
      return null
    }
    assertHash(notice, hash)
    return acknowledge(notice, Date.now())
  }

  if (flags.insecureLocalhost === true) {
    assertLocal(server)
  }
  const authority = flags.ca === undefined ? null : readAuthority(flags.ca)
  if (authority !== null) {
    trustAuthority(authority)
  }
  const api = new ApiClient({ server, allowInsecureHttp: site.allowInsecureHttp })
  try {
    const machine = {
      ...thisMachine(),
      agent_version: VERSION,
      site: site.name,
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.person === undefined ? {} : { person: flags.person }),
    }
    const proof = {
      ...(acknowledgement === null
        ? {}
        : { acknowledgement: { ...acknowledgement, text: notice.text } }),
      ...(isSameServer(before, server) ? { previous_token: before.token } : {}),
    }
    const answer =
      code === ''
        ? await enrolByRequest(context, api, machine, proof)
        : await api.enrol({ code, ...machine, ...proof }, AbortSignal.timeout(ANSWER_MS))
    if (answer === null) {
      return INTERRUPTED
    }
    const identity: Identity = {
      server,
      agentId: answer.agent.id,
      name: answer.agent.name,
      site: answer.agent.site,
      person: answer.agent.person,
      token: answer.token,
      seq: answer.seq ?? 0,
    }
    context.makeDataDir()
    if (authority !== null) {
      keepAuthority(context.dataDir, authority)
    }
    context.identities.save(identity, acknowledgement)
    if (acknowledgement === null && context.isInteractive) {
      await askToAcknowledge(context, site, api, identity)
    }
  } finally {
    api.close()
  }
  await askAgent(context.dataDir, { verb: 'reload' })
  report(context)
  return 0
}

/** `--insecure-localhost` speaks of this machine alone; http:// to it needs no other word. */
function assertLocal(server: string): void {
  const host = URL.canParse(server) ? new URL(server).hostname : ''
  if (!isLoopback(host)) {
    throw new AgentError(
      'E_INSECURE_SERVER',
      `Expected a server on this machine for --insecure-localhost, found ${server}`
    )
  }
}

/** A token is shown to the server that gave it and to no other. */
function isSameServer(before: Identity | null, server: string): before is Identity {
  return (
    before !== null &&
    URL.canParse(server) &&
    new URL(before.server).origin === new URL(server).origin
  )
}

async function assertReplaceable(context: Context, before: Identity | null): Promise<void> {
  if (
    before !== null &&
    !(await context.confirm(`This machine is enrolled as ${before.name}. Replace that?`))
  ) {
    throw new AgentError(
      'E_MISSING_ANSWER',
      `Expected a yes to replace the identity of ${before.name}, found none`
    )
  }
}

/** Shows the notice of the site and the policy that holds for this agent, and asks. */
async function askToAcknowledge(
  context: Context,
  site: Site,
  api: ApiClient,
  identity: Identity
): Promise<void> {
  const keeper = new PolicyKeeper(site, context.dataDir)
  keeper.open(identity)
  const about = { etag: null, waitSeconds: 0 }
  const answer = await api.configuration(about, identity, AbortSignal.timeout(ANSWER_MS))
  if (answer.status === 'changed') {
    const { policy, agent } = answer.configuration
    const read = await readPolicyValues(policy.values)
    const published = {
      version: policy.version,
      values: read?.values ?? {},
      timeZone: agent.time_zone,
    }
    keeper.settle(null, { published, etag: answer.etag })
  }
  const { notice } = keeper.state(null)
  if (await isRead(context, notice, undefined)) {
    context.identities.saveAcknowledgement(acknowledge(notice, Date.now()))
    await tellServer(context, site, notice)
  }
}

function report(context: Context): void {
  const identity = context.identities.identity()
  if (identity === null) {
    return
  }
  const isAcknowledged = context.identities.acknowledgement() !== null
  const person = identity.person === null ? '' : ` for ${identity.person}`
  context.out.data(
    `Enrolled as ${identity.name}${person} (agent ${identity.agentId}, site ${identity.site}).`,
    { ...shownIdentity(identity), acknowledged: isAcknowledged }
  )
  if (!isAcknowledged) {
    context.out.say(
      'The notice is not acknowledged, so only heartbeats are sent.\n' +
        'Read it with: worksight-agent notice\nThen: worksight-agent acknowledge HASH'
    )
  }
}
