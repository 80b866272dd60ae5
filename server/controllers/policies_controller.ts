import { POLICY_KEYS } from '#contract/policy'
import { E_INVALID, E_NOT_FOUND } from '#exceptions/api_errors'
import Agent from '#models/agent'
import Team from '#models/team'
import User from '#models/user'
import { controlOf, formOfValues, locksOfForm, valuesOfForm } from '#services/policy/form'
import type { PolicyLevel } from '#services/policy/resolve'
import {
  policiesOf,
  policyHistory,
  policyOfPerson,
  previewVersion,
  publishVersion,
  publishedPolicies,
  type PolicySubject,
} from '#services/policy/store'
import { POLICY_LABELS, policySentences, policyText } from '#services/policy/words'
import { visiblePerson } from '#services/visible'
import { explainValidator, policySubjectValidator } from '#validators/policies'
import type { HttpContext } from '@adonisjs/core/http'
import { errors } from '@vinejs/vine'

/** Policies in sentences: what is observed, of whom, and what a change would loosen. */
export default class PoliciesController {
  async index({ auth, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const published = await publishedPolicies()
    const teams = await Team.query().orderBy('name')
    const people = await User.query().whereNull('disabled_at').orderBy('full_name')
    const named = await Promise.all(
      published.map(async (policy) => ({ ...policy, name: await nameOf(policy) }))
    )
    return view.render('pages/policies/index', {
      policies: named.map((policy) => ({ ...policy, sentences: policySentences(policy.values) })),
      hasOrganisation: published.some(({ level }) => level === 'organisation'),
      teams,
      people,
      mayEdit: mayEdit(viewer),
    })
  }

  /** Leads from a choice in a form to the page of what was chosen. */
  async choose({ request, response }: HttpContext) {
    const level = request.input('level')
    const subject = await subjectOf({ level, id: request.input(String(level)) })
    return response.redirect().toRoute('policies.edit', { level: subject.level, id: subject.id })
  }

  async edit({ auth, params, view }: HttpContext) {
    const subject = await subjectOf(params)
    const [current] = await policiesOf([subject])
    return view.render('pages/policies/edit', {
      ...(await pageOf(subject)),
      form: formOfValues(current?.values ?? {}),
      locked: current?.locked ?? [],
      mayEdit: mayEdit(auth.use('web').getUserOrFail()),
      ...(await effectOf(subject, current?.values ?? {})),
    })
  }

  /** What the form would change, while it is being filled in; nothing is stored. */
  async preview({ params, request, view }: HttpContext) {
    const subject = await subjectOf(params)
    const form = request.body()
    return request.header('HX-Request')
      ? view.render('partials/policy_effect', await effectOf(subject, valuesOfForm(form)))
      : view.render('pages/policies/edit', await pageOfForm(subject, form))
  }

  /** Publishes; what is refused is the form again as it was sent, with the reason beside its field. */
  async update(ctx: HttpContext) {
    const { auth, params, request, response, session, view } = ctx
    const subject = await subjectOf(params)
    const form = request.body()
    try {
      const { version } = await publishVersion({
        subject,
        values: valuesOfForm(form),
        locked: locksOfForm(form),
        reason: typeof form.reason === 'string' ? form.reason.slice(0, 500) : null,
        actor: { user: auth.use('web').getUserOrFail(), address: request.ip() },
      })
      session.flash('success', `Version ${version} is published. Agents hear of it now.`)
      return response.redirect().toRoute('policies.edit', { level: subject.level, id: subject.id })
    } catch (error) {
      const problem = problemOf(error)
      if (!problem) {
        throw error
      }
      response.status(422)
      return view.render('pages/policies/edit', {
        ...(await pageOfForm(subject, form)),
        refused: problem,
      })
    }
  }

  /** Value by value, where it comes from; for oneself, and for whom one may see. */
  async explain({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const { person: id } = await explainValidator.validate(request.qs())
    const person = id ? await visiblePerson(viewer, id) : viewer
    const { version, explained, values } = await policyOfPerson(person)
    return view.render('pages/policies/explain', {
      person,
      version,
      sentences: policySentences(values),
      rows: explained.map((row) => ({
        ...row,
        label: POLICY_LABELS[row.key],
        text: policyText(row.key, row.from === 'site' ? undefined : (row.value as never)),
        refused: row.refused.map((other) => ({
          ...other,
          text: policyText(row.key, other.value as never),
        })),
      })),
    })
  }
}

async function pageOf(subject: PolicySubject) {
  return {
    refused: null,
    subject,
    name: await nameOf({ level: subject.level, subjectId: subject.id }),
    history: await policyHistory(subject),
  }
}

/** The page of a form that was sent and not stored. */
async function pageOfForm(subject: PolicySubject, form: Record<string, unknown>) {
  return {
    ...(await pageOf(subject)),
    form: { ...formOfValues({}), ...form },
    locked: locksOfForm(form),
    mayEdit: true,
    ...(await effectOf(subject, valuesOfForm(form))),
  }
}

function mayEdit({ role }: User) {
  return role === 'owner' || role === 'admin'
}

async function subjectOf(params: HttpContext['params']): Promise<PolicySubject> {
  const [, subject] = await policySubjectValidator.tryValidate(params)
  if (!subject) {
    throw new E_NOT_FOUND()
  }
  return subject
}

async function nameOf({ level, subjectId }: { level: PolicyLevel; subjectId: number }) {
  switch (level) {
    case 'organisation':
      return 'Everybody'
    case 'team':
      return (await Team.find(subjectId))?.name ?? 'a team that is gone'
    case 'person':
      return (await User.find(subjectId))?.fullName ?? 'a person who is gone'
    case 'agent':
      return (await Agent.find(subjectId))?.name ?? 'a computer that is gone'
  }
}

/** What values would change and for whom, and what those people would read; or what is wrong with them. */
async function effectOf(subject: PolicySubject, values: Record<string, unknown>) {
  const people = await affected(subject)
  try {
    const preview = await previewVersion({ subject, values })
    return {
      problem: null,
      people,
      sentences: policySentences(preview.values),
      changes: preview.changes.map(({ key, before, after, loosens }) => ({
        label: POLICY_LABELS[key],
        before: policyText(key, (before ?? undefined) as never),
        after: policyText(key, (after ?? undefined) as never),
        loosens,
      })),
    }
  } catch (error) {
    const problem = problemOf(error)
    if (!problem) {
      throw error
    }
    return { problem, people, sentences: [], changes: [] }
  }
}

/** What is wrong with what was typed, and at which control of the form; null for what is wrong elsewhere. */
function problemOf(error: unknown): { text: string; control: string | null } | null {
  if (error instanceof E_INVALID) {
    return { text: error.message, control: error.field }
  }
  if (error instanceof errors.E_VALIDATION_ERROR) {
    const [first] = error.messages as { field: string; message: string }[]
    const field = first?.field ?? ''
    const key = POLICY_KEYS.find((name) => field.startsWith(name))
    if (field === 'hours.days') {
      return { text: 'Hours: choose at least one day', control: 'hours' }
    }
    const words = first?.message.replace(/^The (?:selected )?\S+(?: field)?/, 'the value')
    return {
      text: `${key ? POLICY_LABELS[key] : field}: ${words}${key === 'screenshot.interval_seconds' ? ' seconds' : ''}`,
      control: key ? controlOf(key, field) : null,
    }
  }
  return null
}

/** The people whom a policy is for. */
async function affected({ level, id }: PolicySubject): Promise<User[]> {
  const people = User.query().whereNull('disabled_at').orderBy('full_name')
  switch (level) {
    case 'organisation':
      return people
    case 'team':
      return people.where('team_id', id)
    case 'person':
      return people.where('id', id)
    case 'agent':
      return people.whereIn('id', (agents) =>
        agents.from('agents').where('id', id).select('person_id')
      )
  }
}
