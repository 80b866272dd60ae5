import Agent, { type Now } from '#models/agent'
import User from '#models/user'
import { agentHealth, HEALTH_RANGES, lineOf, type HealthMoment } from '#services/agent_health'
import { updateAgent } from '#services/agent_details'
import { arrivalWith } from '#services/arrival'
import { missingRanges } from '#services/gap_report'
import { loadLastHeartbeats } from '#services/last_heartbeats'
import { latestScreenshots } from '#services/latest_screenshots'
import { peopleBehindPurpose } from '#services/purpose'
import { visibleAgent, whyNoPictures } from '#services/visible'
import {
  agentDetailsValidator,
  agentFilterValidator,
  filled,
  healthValidator,
  waitingValidator,
} from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** Pictures on the page of one agent. */
const LATEST = 6

/** The computers that report here. */
export default class AgentsController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const [, filter] = await agentFilterValidator.tryValidate(filled(request.qs()))
    const { q, presence } = filter ?? {}
    const all = await Agent.query()
      .withScopes((scopes) => scopes.visibleTo(viewer))
      .preload('person')
      .orderBy('name')
    await loadLastHeartbeats(all)
    const now = Date.now()
    const state = {
      agents: all.filter((agent) => fits(agent, q ?? null, presence ?? null, now)),
      now,
      newest: newestVersion(all),
      isVersion,
      filter: { q: q ?? '', presence: presence ?? '' },
      address: request.url(true),
      mayEnrol: maySetUp(viewer),
    }
    return view.render(
      request.header('HX-Request') ? 'partials/agents' : 'pages/agents/index',
      state
    )
  }

  async create({ request, session, view }: HttpContext) {
    const { waiting } = await request.validateUsing(waitingValidator, { data: request.qs() })
    if (waiting) {
      return view.render('partials/arrival', await arrivalWith(waiting))
    }
    const made: { line: string; codeId: number } | undefined =
      session.flashMessages.get('enrolment')
    const people = await User.query().whereNull('disabled_at').orderBy('full_name')
    return view.render('pages/agents/create', { ...made, people, arrived: null, expired: false })
  }

  async show({ auth, params, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const agent = await visibleAgent(viewer, params.id)
    await loadLastHeartbeats([agent])
    const state = {
      agent,
      part: 'now',
      now: Date.now(),
      missing: await missingRanges(agent.id),
      latest: await latestScreenshots(viewer, agent.id, LATEST),
      behind: (await peopleBehindPurpose(viewer, { agent: agent.id })).length,
      why: whyNoPictures(viewer),
      mayRevoke: maySetUp(viewer),
    }
    return view.render(request.header('HX-Request') ? 'partials/agent' : 'pages/agents/show', state)
  }

  /** How the computer was in the last hours or days, from its heartbeats. */
  async health({ auth, params, request, view }: HttpContext) {
    const agent = await visibleAgent(auth.use('web').getUserOrFail(), params.id)
    const [, query] = await healthValidator.tryValidate(filled(request.qs()))
    const chosen = query?.range ?? '24h'
    const now = Date.now()
    const moments = await agentHealth(agent.id, chosen, now)
    return view.render('pages/agents/health', {
      agent,
      part: 'health',
      now,
      ranges: HEALTH_RANGES,
      chosen,
      moments,
      heartbeats: moments.reduce((sum, moment) => sum + moment.heartbeats, 0),
      figures: [
        figureOf('cpu', 'Processor', moments, 100),
        figureOf('memory', 'Memory', moments, 100),
        figureOf('queued', 'Waiting on the computer', moments, null),
      ],
    })
  }

  async edit({ auth, params, view }: HttpContext) {
    const agent = await visibleAgent(auth.use('web').getUserOrFail(), params.id)
    await agent.load('person')
    const people = await User.query().whereNull('disabled_at').orderBy('full_name')
    const isPersonFixed = Boolean(agent.personId) && Number(agent.lastSeq) > 0
    return view.render('pages/agents/edit', { agent, people, isPersonFixed })
  }

  async update({ auth, params, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const agent = await visibleAgent(user, params.id)
    const { name, site, person_id: personId } = await request.validateUsing(agentDetailsValidator)
    const actor = { user, address: request.ip() }
    const refusal = await updateAgent(actor, agent.id, { name, site, personId: personId ?? null })
    if (refusal) {
      session.flash('error', refusal)
      return response.redirect().toRoute('agents.edit', { id: agent.id })
    }
    session.flash('success', `${name} is changed`)
    return response.redirect().toRoute('agents.show', { id: agent.id })
  }
}

function maySetUp(viewer: User) {
  return viewer.role === 'owner' || viewer.role === 'admin'
}

/** The newest version that any of them runs, such as `0.2.0`; null where none is known. */
function newestVersion(agents: readonly Agent[]): string | null {
  const inOrder = new Intl.Collator('en', { numeric: true }).compare
  const known = agents.map(({ agentVersion }) => agentVersion).filter(isVersion)
  return known.sort(inOrder).at(-1) ?? null
}

/** An agent that was made by hand tells its version with its first heartbeat. */
const isVersion = (version: string) => /^\d/.test(version)

function fits(agent: Agent, q: string | null, presence: Now | null, now: number): boolean {
  if (presence && agent.nowAt(now) !== presence) {
    return false
  }
  const text = `${agent.name} ${agent.host} ${agent.person?.fullName ?? ''}`.toLowerCase()
  return text.includes((q ?? '').toLowerCase())
}

/** A line of one figure and what it says in words; without `most`, up to its highest moment. */
function figureOf(
  id: 'cpu' | 'memory' | 'queued',
  name: string,
  moments: readonly HealthMoment[],
  most: number | null
) {
  const values = moments.map((moment) => moment[id])
  const known = values.filter((value) => value !== null)
  const write = (value: number) =>
    id === 'queued' ? `${value} ${value === 1 ? 'item' : 'items'}` : `${Math.round(value)} %`
  const highest = Math.max(0, ...known)
  const mean = known.reduce((sum, value) => sum + value, 0) / (known.length || 1)
  const usual = id === 'queued' ? '' : `${write(mean)} on average, `
  return {
    id,
    name,
    words: known.length === 0 ? 'Not told' : `${usual}${write(highest)} at most`,
    top: write(most ?? Math.max(1, highest)),
    line: lineOf(values, most ?? Math.max(1, highest)),
  }
}
