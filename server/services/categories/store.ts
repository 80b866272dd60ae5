import { recordChange, type Actor } from '#services/audit'
import { E_CONFLICT, E_INVALID, E_NOT_FOUND } from '#exceptions/api_errors'
import {
  loadCategories,
  loadRules,
  ruleFor,
  type Category,
  type CategoryValue,
  type Rule,
  type WindowFacts,
} from '#services/categories/rules'
import { keeper } from '#services/rollups/keeper'
import { markEverything } from '#services/rollups/rebuild'
import db from '@adonisjs/lucid/services/db'

const WEEK_MS = 7 * 86_400_000

/** A category with its rules and what stands beneath it. */
export type Branch = Category & {
  readonly depth: number
  readonly rules: readonly Rule[]
}

/** All categories in the order of their tree. */
export async function categoryTree(): Promise<Branch[]> {
  const [categories, rules] = [await loadCategories(), await loadRules()]
  const beneath = (parentId: number | null, depth: number): Branch[] =>
    categories
      .filter((category) => category.parentId === parentId)
      .flatMap((category) => [
        { ...category, depth, rules: rules.filter(({ categoryId }) => categoryId === category.id) },
        ...beneath(category.id, depth + 1),
      ])
  return beneath(null, 0)
}

/** Makes a category. Throws E_CONFLICT when there is one of that name, E_INVALID without its parent. */
export async function createCategory(
  category: { name: string; value: CategoryValue; parentId: number | null },
  actor: Actor = 'command'
): Promise<number> {
  const all = await loadCategories()
  const name = category.name.trim()
  if (all.some((one) => one.name.toLowerCase() === name.toLowerCase())) {
    throw new E_CONFLICT(`There is a category "${name}" already`, { field: 'name' })
  }
  if (category.parentId !== null && !all.some(({ id }) => id === category.parentId)) {
    throw new E_INVALID('There is no such category above it', { field: 'parent_id' })
  }
  const row = { name, value: category.value, parent_id: category.parentId }
  return db.transaction(async (trx) => {
    const [id] = (await trx.table('categories').insert(row)) as number[]
    await recordChange(
      trx,
      actor,
      'category.create',
      { type: 'category', id: Number(id) },
      null,
      row
    )
    return Number(id)
  })
}

/** Removes a category with its rules; what stands beneath it moves up. */
export async function removeCategory(id: number, actor: Actor = 'command') {
  await db.transaction(async (trx) => {
    const category: { name: string; value: string; parent_id: number | null } | null = await trx
      .from('categories')
      .where('id', id)
      .first()
    if (!category) {
      throw new E_NOT_FOUND()
    }
    await trx.from('categories').where('parent_id', id).update({ parent_id: category.parent_id })
    await trx.from('categories').where('id', id).delete()
    const { name, value } = category
    await recordChange(trx, actor, 'category.delete', { type: 'category', id }, { name, value })
  })
}

export async function createRule(
  categoryId: number,
  rule: Omit<Rule, 'id' | 'categoryId'>,
  actor: Actor = 'command'
) {
  const { app, title, domain, priority } = rule
  if ((app ?? title ?? domain) === null) {
    throw new E_INVALID('A rule needs a pattern for application, title or site', { field: 'app' })
  }
  if (!(await db.from('categories').where('id', categoryId).first())) {
    throw new E_NOT_FOUND()
  }
  const row = { category_id: categoryId, app, title, domain, priority }
  return db.transaction(async (trx) => {
    const [id] = (await trx.table('category_rules').insert(row)) as number[]
    const object = { type: 'category_rule', id: Number(id) }
    await recordChange(trx, actor, 'rule.create', object, null, row)
    return Number(id)
  })
}

export async function removeRule(id: number, actor: Actor = 'command') {
  await db.transaction(async (trx) => {
    const rule: Record<string, unknown> | null = await trx
      .from('category_rules')
      .where('id', id)
      .select('category_id', 'app', 'title', 'domain', 'priority')
      .first()
    if (!rule) {
      throw new E_NOT_FOUND()
    }
    await trx.from('category_rules').where('id', id).delete()
    await recordChange(trx, actor, 'rule.delete', { type: 'category_rule', id }, rule)
  })
}

/** Which rule takes a window, and its category; null where none does. */
export async function testWindow(window: WindowFacts) {
  const rule = ruleFor(await loadRules(), window)
  const categories = rule ? await loadCategories() : []
  const category = categories.find(({ id }) => id === rule?.categoryId)
  return rule && category ? { rule, category } : null
}

/** Windows of the last week that no rule takes, by application and site, those with most time first. */
export async function uncategorised(now: number, most = 12) {
  const rules = await loadRules()
  // rows lie together by their agent: a week of each is read at once, a week of all row by row
  const agents: { id: number }[] = await db.from('agents').select('id')
  const rows: { app: string; domain: string | null; ms: number }[] = await db
    .from('activities')
    .whereIn(
      'agent_id',
      agents.map(({ id }) => id)
    )
    .where('kind', 'window')
    .where('captured_at', '>', now - WEEK_MS)
    .select('app', 'domain')
    .sum('duration_ms as ms')
    .groupBy('app', 'domain')
    .orderBy('ms', 'desc')
    .limit(400)
  return rows
    .filter(({ app, domain }) => !ruleFor(rules, { app: app ?? '', title: null, domain }))
    .slice(0, most)
    .map((row) => ({ ...row, ms: Number(row.ms) }))
}

/**
 * Puts all that was observed under today's rules: every hour and day is marked, and counted anew in the
 * background. Sums of time stay what they are; only their categories change.
 */
export async function recategorise(actor: Actor = 'command') {
  await db.transaction((trx) =>
    recordChange(trx, actor, 'category.recategorise', { type: 'category', id: 'all' })
  )
  await markEverything()
  keeper.note()
}
