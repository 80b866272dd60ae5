import {
  policiesOf,
  policyOfAgent,
  policyOfPerson,
  publishVersion,
  previewVersion,
} from '#services/policy/store'
import { visibleAgent, visiblePerson } from '#services/visible'
import {
  explainValidator,
  policyDraftValidator,
  policySubjectValidator,
} from '#validators/policies'
import type { HttpContext } from '@adonisjs/core/http'

/** Policies: what agents observe and how long it is kept, and who says so. */
export default class PoliciesController {
  /** The policy in force of one subject; empty where nothing was published. */
  async show({ params }: HttpContext) {
    const subject = await policySubjectValidator.validate(params)
    const [policy] = await policiesOf([subject])
    return {
      level: subject.level,
      subject_id: subject.id,
      version: policy?.version ?? 0,
      values: policy?.values ?? {},
      locked: policy?.locked ?? [],
    }
  }

  /** Publishes a version, or with `preview` says what it would change. */
  async update({ auth, params, request, response }: HttpContext) {
    const subject = await policySubjectValidator.validate(params)
    const draft = await policyDraftValidator.validate(request.body())
    if (draft.preview) {
      return previewVersion({ subject, values: draft.values })
    }
    const published = await publishVersion({
      subject,
      values: draft.values,
      locked: draft.locked ?? [],
      reason: draft.reason ?? null,
      actor: { user: auth.use('api').getUserOrFail(), address: request.ip() },
    })
    return response.created(published)
  }

  /** Value by value: what holds for a person or an agent, who said so, what did not hold and why. */
  async explain({ auth, request }: HttpContext) {
    const viewer = auth.use('api').getUserOrFail()
    const { person, agent } = await explainValidator.validate(request.qs())
    const { version, explained } = agent
      ? await policyOfAgent(await visibleAgent(viewer, agent))
      : await policyOfPerson(person ? await visiblePerson(viewer, person) : viewer)
    return {
      version,
      values: explained.map(({ isLocked, ...value }) => ({ ...value, locked: isLocked })),
    }
  }
}
