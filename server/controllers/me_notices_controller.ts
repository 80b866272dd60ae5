import Agent from '#models/agent'
import { readLedger, verifyLedger } from '#services/acknowledgement_ledger'
import { policyOfAgent } from '#services/policy/store'
import type { HttpContext } from '@adonisjs/core/http'

/** The notices that a person read, and the proof of it. */
export default class MeNoticesController {
  async show({ auth, view }: HttpContext) {
    const person = auth.use('web').getUserOrFail()
    const { entries, texts } = await readLedger(person.id)
    const agents = await Agent.query().where('person_id', person.id).whereNull('revoked_at')
    const computers = []
    for (const agent of agents) {
      const own = entries.filter((entry) => entry.agent_id === agent.id)
      const { version } = await policyOfAgent(agent)
      computers.push({ agent, policyVersion: version, newest: own.at(-1) ?? null })
    }
    return view.render('pages/me/notice', {
      computers,
      entries: [...entries].reverse(),
      texts,
      problems: verifyLedger({ entries, texts }, false),
    })
  }

  /** The person's own lines, for safekeeping elsewhere. */
  async download({ auth, response }: HttpContext) {
    response.header('content-disposition', 'attachment; filename="acknowledgements.json"')
    response.header('cache-control', 'private, no-store')
    return readLedger(auth.use('web').getUserOrFail().id)
  }
}
