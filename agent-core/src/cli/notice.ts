import { ApiClient } from '../api_client.ts'
import { askAgent } from '../control.ts'
import type { Site } from '../define_site.ts'
import { AgentError } from '../errors.ts'
import { acknowledge, type Notice } from '../notice.ts'
import type { Context } from './context.ts'

const ANSWER_MS = 15_000
const REFUSED = 4

/** `notice`: the text that a person acknowledges, and its hash. */
export async function showNotice(context: Context): Promise<number> {
  const { notice, isAcknowledged, pending } = context.policyOf(await context.site())
  const { version, language, text, sha256 } = notice
  const acknowledged = isAcknowledged && pending === null
  context.out.data(
    `${text}\nHash: ${sha256}\n${acknowledged ? 'Acknowledged on this machine.' : 'Not acknowledged on this machine.'}`,
    { version, language, sha256, acknowledged, waits: pending, text }
  )
  return 0
}

/** `acknowledge [HASH]`: the person read the notice as it is now. Needs no new enrolment. */
export async function acknowledgeNotice(
  context: Context,
  hash: string | undefined
): Promise<number> {
  const site = await context.site()
  const identity = context.identities.identity()
  if (identity === null) {
    throw new AgentError('E_NOT_ENROLLED', `Expected an identity in ${context.dataDir}, found none`)
  }
  const { notice } = context.policyOf(site)
  if (!(await isRead(context, notice, hash))) {
    context.out.say('Not acknowledged; nothing changes.')
    return REFUSED
  }
  const acknowledgement = acknowledge(notice, Date.now())
  context.identities.saveAcknowledgement(acknowledgement)
  const isRunning = (await askAgent(context.dataDir, { verb: 'reload' })) !== null
  if (!isRunning) {
    await tellServer(context, site, notice)
  }
  context.out.data(`Acknowledged: notice ${notice.version}.`, { ...acknowledgement, isRunning })
  return 0
}

/** Whether the person read this notice: by its hash, or by a yes on the terminal. */
export async function isRead(
  context: Context,
  notice: Notice,
  hash: string | undefined
): Promise<boolean> {
  if (hash !== undefined) {
    assertHash(notice, hash)
    return true
  }
  if (context.isInteractive) {
    context.out.say(notice.text)
  }
  const answer = await context.ask(
    'Type "yes" to acknowledge that you have read this:',
    'the hash of the notice'
  )
  return answer.toLowerCase() === 'yes'
}

/** Throws E_NOTICE_CHANGED for the hash of another text. */
export function assertHash(notice: Notice, hash: string): void {
  if (hash !== notice.sha256) {
    throw new AgentError(
      'E_NOTICE_CHANGED',
      `Expected the hash of this notice, ${notice.sha256}, found ${hash}`
    )
  }
}

/** Tells the server at once; where that fails, the agent does it when it runs. */
export async function tellServer(context: Context, site: Site, { text }: Notice): Promise<void> {
  const identity = context.identities.identity()
  const acknowledgement = context.identities.acknowledgement()
  if (identity === null || acknowledgement === null) {
    return
  }
  const api = new ApiClient({
    server: identity.server,
    allowInsecureHttp: site.allowInsecureHttp,
  })
  const signal = AbortSignal.timeout(ANSWER_MS)
  const refusal = await api
    .acknowledge({ ...acknowledgement, text }, identity, signal)
    .finally(() => api.close())
  if (refusal !== null) {
    context.out.say(`The server does not know yet (${refusal}); the agent tells it when it runs.`)
  }
}
