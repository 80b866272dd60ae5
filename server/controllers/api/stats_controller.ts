import { E_INVALID } from '#exceptions/api_errors'
import type User from '#models/user'
import { noteVisit } from '#services/access_log'
import { purposeOfRequest } from '#services/api_purpose'
import { loadRules } from '#services/categories/rules'
import { pendingRollups, settleRollups } from '#services/rollups/settle'
import { explain, GROUP_RULE } from '#services/stats/formulas'
import { hourly } from '#services/stats/hourly'
import { scopeFor, type Scope } from '#services/stats/scope'
import { figuresJson, trendsJson } from '#services/stats/tables'
import { trends } from '#services/stats/trends'
import { visibleAgent } from '#services/visible'
import { addDays, countDays } from '#services/timeline/calendar'
import { explainValidator, hourlyValidator, statsValidator } from '#validators/stats'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

const SETTLE_MS = 300
const MOST_DAYS = 400
const MOST_HOURS = 24 * 62

/** Figures by the hour and by the day, and how they come about. */
export default class StatsController {
  /** Sums by the hour, of one computer or of all computers of one person. */
  async hourly(ctx: HttpContext) {
    const viewer = ctx.auth.use('api').getUserOrFail()
    const { agent, person, from, to } = await hourlyValidator.validate(ctx.request.qs())
    const span = { from: Date.parse(from), until: Date.parse(to) }
    if (span.until <= span.from || span.until - span.from > MOST_HOURS * 3_600_000) {
      throw new E_INVALID(`The period must have 1 to ${MOST_HOURS} hours`, { field: 'to' })
    }
    const owner = agent ? (await visibleAgent(viewer, agent)).personId : null
    const scope = await scopeFor(viewer, { person: owner ?? person ?? viewer.id })
    await this.#look(ctx, viewer, scope)
    await settleRollups(SETTLE_MS)
    const data = await hourly(scope.ids[0] ?? 0, agent ?? null, span)
    return { data, pending: await pendingRollups() }
  }

  /** Sums by the day. */
  async daily(ctx: HttpContext) {
    const found = await this.#trends(ctx, 'day')
    return {
      data: found.buckets.map(({ from, figures }) => ({ day: from, ...figuresJson(figures) })),
      before: { from: found.before.from, to: found.before.to, ...figuresJson(found.before.total) },
      pending: await pendingRollups(),
    }
  }

  /** Sums by the day or week with the totals of the period before, and time by category. */
  async trends(ctx: HttpContext) {
    const found = await this.#trends(ctx)
    return { ...trendsJson(found), pending: await pendingRollups() }
  }

  /** The formula, the inputs and the rules of a figure; of one day of one person, with its numbers. */
  async explain(ctx: HttpContext) {
    const viewer = ctx.auth.use('api').getUserOrFail()
    const { figure, person, day } = await explainValidator.validate(ctx.request.qs())
    const explanation = { ...explain(figure), group: GROUP_RULE }
    const rules = figure === 'categories' ? { category_rules: await rulesJson() } : {}
    if (!person || !day) {
      return { ...explanation, ...rules }
    }
    const scope = await scopeFor(viewer, { person })
    await this.#look(ctx, viewer, scope)
    await settleRollups(SETTLE_MS)
    const key = { person_id: person, day }
    const numbers = (await db.from('rollup_days').where(key).first()) ?? null
    const times = await db
      .from('rollup_day_categories')
      .where(key)
      .select('category_id', 'active_ms')
    return { ...explanation, ...rules, numbers, categories: times }
  }

  async #trends(ctx: HttpContext, fixed?: 'day') {
    const viewer = ctx.auth.use('api').getUserOrFail()
    const query = await statsValidator.validate(ctx.request.qs())
    const to = query.to ?? (DateTime.now().setZone(viewer.timeZone).toISODate() as string)
    const from = query.from ?? addDays(to, -13)
    if (from > to || countDays(from, to) > MOST_DAYS) {
      throw new E_INVALID(`The period must have 1 to ${MOST_DAYS} days`, { field: 'from' })
    }
    const scope = await scopeFor(viewer, query)
    await this.#look(ctx, viewer, scope)
    await settleRollups(SETTLE_MS)
    return trends(scope, { from, to, by: fixed ?? query.by ?? 'day' })
  }

  /** Figures of one other person need a purpose and stand in the person's log. */
  async #look(ctx: HttpContext, viewer: User, scope: Scope) {
    if (scope.kind === 'person') {
      await purposeOfRequest(ctx, viewer, scope.person.id)
      await noteVisit(viewer, scope.person, 'report', 'stats', ctx.request.ip())
    }
  }
}

async function rulesJson() {
  const rules = await loadRules()
  return rules.map(({ categoryId, ...rule }) => ({ ...rule, category_id: categoryId }))
}
