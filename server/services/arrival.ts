import Agent from '#models/agent'
import EnrolmentCode from '#models/enrolment_code'

/** The agent that used a code, if one did; else whether the code is over. */
export async function arrivalWith(codeId: number) {
  const code = await EnrolmentCode.find(codeId)
  if (!code || code.uses === 0) {
    return { arrived: null, expired: code?.stateAt(Date.now()) !== 'open' }
  }
  const agents = Agent.query().where('enrolment_code_id', code.id)
  return { arrived: await agents.orderBy('id', 'desc').first(), expired: false }
}
