import { setTimeout } from 'node:timers/promises'
import type { EnrolmentAnswer, EnrolmentPoll, EnrolmentRequest } from '../../contract/enrolment.ts'
import type { ApiClient } from '../api_client.ts'
import { AgentError } from '../errors.ts'
import type { Context } from './context.ts'
import { untilInterrupted } from './signals.ts'

const ANSWER_MS = 30_000

/**
 * Asks the server to be let in, shows the code that somebody compares in the dashboard, and asks as
 * often as the server says whether it was confirmed. Null where it was interrupted. Throws
 * E_ENROLMENT_REFUSED, also for a request that is over, or E_SERVER_UNREACHABLE.
 */
export async function enrolByRequest(
  context: Context,
  api: ApiClient,
  machine: EnrolmentRequest,
  proof: Omit<EnrolmentPoll, 'device_code'>
): Promise<EnrolmentAnswer | null> {
  const { device_code: deviceCode, ...shown } = await api.requestEnrolment(
    machine,
    AbortSignal.timeout(ANSWER_MS)
  )
  context.out.data(
    `Open ${shown.verification_uri}\nand compare: this is ${machine.host}, and its code is ${shown.user_code}`,
    { status: 'pending', ...shown }
  )
  const interrupted = untilInterrupted()
  context.out.say('Waiting until somebody confirms it. Ctrl-C gives up.')
  // By this machine's clock, as far as that is known to be off, and a minute for an answer on its way.
  const over = Date.parse(shown.expires_at) + (api.clockSkewMs ?? 0) + 60_000
  for (let waitMs = shown.interval * 1000; ; ) {
    if (!(await waits(waitMs, interrupted))) {
      return null
    }
    // Not cut off by Ctrl-C: an answer that holds the token is given once.
    const polled = await api.pollEnrolment(
      { device_code: deviceCode, ...proof },
      AbortSignal.timeout(ANSWER_MS)
    )
    if (polled.status === 'enrolled') {
      return polled.answer
    }
    if (polled.status === 'away') {
      if (Date.now() > over) {
        throw new AgentError(
          'E_SERVER_UNREACHABLE',
          `Expected to hear whether ${shown.user_code} was confirmed, found: ${polled.reason}`
        )
      }
      waitMs = Math.max(shown.interval * 1000, polled.retryAfterMs ?? 0)
    } else {
      waitMs = polled.interval * 1000
    }
  }
}

/** Waits; false where the signal came before that was over. */
async function waits(ms: number, interrupted: AbortSignal): Promise<boolean> {
  try {
    await setTimeout(ms, undefined, { signal: interrupted })
    return true
  } catch {
    return false // what the timer throws is the answer
  }
}
