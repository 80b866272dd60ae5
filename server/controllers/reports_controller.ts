import { E_NOT_FOUND } from '#exceptions/api_errors'
import Team from '#models/team'
import type User from '#models/user'
import { noteVisit } from '#services/access_log'
import { loadRules } from '#services/categories/rules'
import { csv } from '#services/csv'
import { peopleWithDaysFor } from '#services/people'
import { purposeOf } from '#services/purpose'
import { pendingRollups, settleRollups } from '#services/rollups/settle'
import { explain, GROUP_RULE } from '#services/stats/formulas'
import { scopeFor, type Scope } from '#services/stats/scope'
import { trendsTable } from '#services/stats/tables'
import { byValue, coverage, trends, type Figures, type Trends } from '#services/stats/trends'
import { addDays, countDays, type Day } from '#services/timeline/calendar'
import { filled } from '#validators/pages'
import { statsValidator } from '#validators/stats'
import type { HttpContext } from '@adonisjs/core/http'
import { DateTime } from 'luxon'

const SETTLE_MS = 300
const MOST_DAYS = 400

/** How time was spent, over days and weeks, beside the period before. */
export default class ReportsController {
  async trends(ctx: HttpContext) {
    const { auth, request, view } = ctx
    const viewer = auth.use('web').getUserOrFail()
    const filter = await filterOf(ctx)
    const scope = await scopeFor(viewer, filter)
    const address = `/reports/trends?${queryOf(filter)}`
    const purpose = await purposeFor(viewer, scope)
    if (purpose === null && scope.kind === 'person') {
      const title = `Trends of ${scope.person.fullName}`
      return view.render('pages/days/purpose', { person: scope.person, title, address })
    }
    await note(ctx, viewer, scope)
    await settleRollups(SETTLE_MS)
    const found = await trends(scope, filter)
    return view.render('pages/reports/trends', {
      filter,
      scope,
      purpose,
      isSelf: scope.kind === 'person' && scope.person.id === viewer.id,
      found,
      figures: found.total && figuresOf(found, found.total),
      rows: found.buckets.map(({ from, to, figures }) => ({
        from,
        to,
        figures,
        coverage: figures && coverage(figures),
        values: figures && byValue(figures, found.categories),
      })),
      categories: categoriesOf(found),
      rules: await loadRules(),
      groupRule: GROUP_RULE,
      pending: await pendingRollups(),
      download: `/reports/trends/table.csv?${queryOf(filter)}`,
      people: await choices(viewer),
      teams: await teamsOf(viewer),
      address: request.url(true),
    })
  }

  async download(ctx: HttpContext) {
    const viewer = ctx.auth.use('web').getUserOrFail()
    const filter = await filterOf(ctx)
    const scope = await scopeFor(viewer, filter)
    if ((await purposeFor(viewer, scope)) === null) {
      throw new E_NOT_FOUND()
    }
    await note(ctx, viewer, scope)
    await settleRollups(SETTLE_MS)
    const found = await trends(scope, filter)
    const { response } = ctx
    response.header('Content-Type', 'text/csv; charset=utf-8')
    response.header('Content-Disposition', 'attachment; filename="trends.csv"')
    response.header('Cache-Control', 'private, no-store')
    return csv(trendsTable(found))
  }
}

type Filter = { person: number | null; team: number | null; from: Day; to: Day; by: 'day' | 'week' }

/** What of the address cannot be read counts as not said. */
async function filterOf({ auth, request }: HttpContext): Promise<Filter> {
  const viewer = auth.use('web').getUserOrFail()
  const [, query] = await statsValidator.tryValidate(filled(request.qs()))
  const to = query?.to ?? (DateTime.now().setZone(viewer.timeZone).toISODate() as string)
  const from = query?.from ?? addDays(to, -13)
  const isReadable = from <= to && countDays(from, to) <= MOST_DAYS
  const { person = null, team = null } = query ?? {}
  const group = person ? null : team
  return {
    person,
    team: group,
    from: isReadable ? from : addDays(to, -13),
    to,
    by: query?.by ?? 'day',
  }
}

function queryOf({ person, team, from, to, by }: Filter): string {
  const whose: Record<string, string> = person
    ? { person: String(person) }
    : team
      ? { team: String(team) }
      : {}
  return new URLSearchParams({ ...whose, from, to, by }).toString()
}

/** The empty text where none is needed, null where one is missing. */
function purposeFor(viewer: User, scope: Scope): Promise<string | null> | '' {
  return scope.kind === 'person' && scope.person.id !== viewer.id
    ? purposeOf(viewer, scope.person.id)
    : ''
}

async function note({ request }: HttpContext, viewer: User, scope: Scope) {
  if (scope.kind === 'person') {
    await noteVisit(viewer, scope.person, 'report', 'trends', request.ip())
  }
}

/** The figures on top, each with the one of the period before and how it comes about. */
function figuresOf({ before, categories }: Trends, total: Figures) {
  const then = before.total
  const [values, valuesThen] = [byValue(total, categories), then && byValue(then, categories)]
  const categoryFigure = (name: string, key: keyof typeof values) => ({
    name,
    kind: 'time' as const,
    now: values[key],
    then: valuesThen?.[key] ?? null,
    inputs: [
      `Active time: ${total.active_ms} ms`,
      `Of it under categories that are ${key}: ${values[key]} ms`,
    ],
    explanation: explain('categories'),
  })
  return [
    {
      name: 'Active',
      kind: 'time' as const,
      now: total.active_ms,
      then: then?.active_ms ?? null,
      inputs: [`Sum of the days: ${total.active_ms} ms, of ${total.people} people`],
      explanation: explain('active'),
    },
    {
      name: 'Coverage',
      kind: 'share' as const,
      now: coverage(total),
      then: then && coverage(then),
      inputs: [`Received: ${total.received_ms} ms`, `Expected: ${total.expected_ms} ms`],
      explanation: explain('coverage'),
    },
    categoryFigure('Productive', 'productive'),
    categoryFigure('Neutral', 'neutral'),
    categoryFigure('Unproductive', 'unproductive'),
    categoryFigure('Uncategorised', 'uncategorised'),
  ]
}

/** Time by category, most first, with that of the period before. */
function categoriesOf({ total, before, categories }: Trends) {
  if (!total) {
    return []
  }
  const known = [...categories, { id: 0, name: 'Uncategorised', value: 'neutral' as const }]
  return known
    .map(({ id, name, value }) => ({
      id,
      name,
      value,
      ms: total.categories[id] ?? 0,
      before: before.total?.categories[id] ?? (before.total ? 0 : null),
      share: total.active_ms === 0 ? 0 : (total.categories[id] ?? 0) / total.active_ms,
    }))
    .filter(({ ms, before: then }) => ms > 0 || (then ?? 0) > 0)
    .sort((a, b) => b.ms - a.ms)
}

/** Whom the filter names: at most as many as a list can hold. */
function choices(viewer: User) {
  return peopleWithDaysFor(viewer).whereNull('disabled_at').orderBy('full_name').limit(500)
}

function teamsOf(viewer: User) {
  const query = Team.query().orderBy('name')
  if (viewer.role === 'manager') {
    query.whereIn('id', (teams) => {
      teams.from('team_managers').where('user_id', viewer.id).select('team_id')
    })
  }
  return viewer.role === 'member' ? [] : query
}
