import { ApiClient } from '../api_client.ts'
import { askAgent } from '../control.ts'
import { AgentError } from '../errors.ts'
import type { Identity } from '../hooks.ts'
import { thisMachine } from '../machine.ts'
import { acknowledge, noticeOf, type Acknowledgement, type Notice } from '../notice.ts'
import { VERSION } from '../runtime.ts'
import type { Context } from './context.ts'
import { shownIdentity } from '../identity.ts'

export type EnrolFlags = {
  readonly server?: string
  readonly code?: string
  readonly acknowledge?: string
}

const ANSWER_MS = 30_000

/** `enrol`: exchanges a one-time code for an identity, with the notice acknowledged or not. */
export async function enrol(context: Context, flags: EnrolFlags): Promise<number> {
  const site = await context.site()
  const notice = noticeOf(site)
  await assertReplaceable(context)
  const server = flags.server ?? (await context.ask('Address of the server:', '--server'))
  const code = flags.code ?? (await context.ask('Code:', '--code'))
  const acknowledgement = await acknowledgementOf(context, notice, flags.acknowledge)

  const api = new ApiClient({ server, allowInsecureHttp: site.allowInsecureHttp })
  const answer = await api
    .enrol(
      {
        code,
        ...thisMachine(),
        agent_version: VERSION,
        site: site.name,
        ...(acknowledgement === null
          ? {}
          : { acknowledgement: { ...acknowledgement, text: notice.text } }),
      },
      AbortSignal.timeout(ANSWER_MS)
    )
    .finally(() => api.close())
  const identity: Identity = {
    server,
    agentId: answer.agent.id,
    name: answer.agent.name,
    site: answer.agent.site,
    person: answer.agent.person,
    token: answer.token,
  }
  context.makeDataDir()
  context.identities.save(identity, acknowledgement)
  await askAgent(context.dataDir, { verb: 'reload' })
  report(context, identity, acknowledgement)
  return 0
}

async function assertReplaceable(context: Context): Promise<void> {
  const before = context.identities.identity()
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

async function acknowledgementOf(
  context: Context,
  notice: Notice,
  hash: string | undefined
): Promise<Acknowledgement | null> {
  if (hash !== undefined) {
    if (hash !== notice.sha256) {
      throw new AgentError(
        'E_NOTICE_CHANGED',
        `Expected the hash of this notice, ${notice.sha256}, found ${hash}`
      )
    }
    return acknowledge(notice, Date.now())
  }
  if (!context.isInteractive) {
    return null
  }
  context.out.say(notice.text)
  const answer = await context.ask(
    'Type "yes" to acknowledge that you have read this:',
    '--acknowledge'
  )
  return answer.toLowerCase() === 'yes' ? acknowledge(notice, Date.now()) : null
}

function report(
  context: Context,
  identity: Identity,
  acknowledgement: Acknowledgement | null
): void {
  const person = identity.person === null ? '' : ` for ${identity.person}`
  context.out.data(
    `Enrolled as ${identity.name}${person} (agent ${identity.agentId}, site ${identity.site}).`,
    {
      ...shownIdentity(identity),
      acknowledged: acknowledgement !== null,
    }
  )
  if (acknowledgement === null) {
    context.out.say(
      'The notice is not acknowledged, so only heartbeats are sent. Read it with: worksight-agent notice\n' +
        'Then enrol with: --acknowledge HASH'
    )
  }
}
