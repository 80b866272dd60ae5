import type { Client } from '#services/timeline/observed'
import db from '@adonisjs/lucid/services/db'

/** What a category counts as. It explains, it never judges a person. */
export const CATEGORY_VALUES = ['productive', 'neutral', 'unproductive'] as const
export type CategoryValue = (typeof CATEGORY_VALUES)[number]

export type Category = {
  readonly id: number
  readonly parentId: number | null
  readonly name: string
  readonly value: CategoryValue
}

/** Patterns that are null say nothing; all others must fit. `*` stands for anything; case does not count. */
export type Rule = {
  readonly id: number
  readonly categoryId: number
  readonly priority: number
  readonly app: string | null
  readonly title: string | null
  readonly domain: string | null
}

export type WindowFacts = {
  readonly app: string
  readonly title: string | null
  readonly domain: string | null
}

/** The number under which time is kept that no rule takes. */
export const UNCATEGORISED = 0

/** Whether `text` is what a pattern says, `*` standing for any number of characters. Linear in both. */
export function fits(pattern: string, text: string): boolean {
  const parts = pattern.toLowerCase().split('*')
  const subject = text.toLowerCase()
  const [first = ''] = parts
  const last = parts.at(-1) ?? ''
  if (parts.length === 1) {
    return subject === first
  }
  if (subject.length < first.length + last.length || !subject.startsWith(first)) {
    return false
  }
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = subject.indexOf(part, at)
    if (found < 0) {
      return false
    }
    at = found + part.length
  }
  return subject.length - last.length >= at && subject.endsWith(last)
}

/** The rule that takes a window: of those that fit, the one of highest priority, then the oldest. */
export function ruleFor(rules: readonly Rule[], window: WindowFacts): Rule | null {
  return rules.find((rule) => takes(rule, window)) ?? null
}

function takes({ app, title, domain }: Rule, window: WindowFacts): boolean {
  return (
    (app ?? title ?? domain) !== null &&
    (app === null || fits(app, window.app)) &&
    (title === null || (window.title !== null && fits(title, window.title))) &&
    (domain === null || (window.domain !== null && fits(domain, window.domain)))
  )
}

/** Tells the category of windows, each kind of window looked up once. */
export function categoriser(rules: readonly Rule[]): (window: WindowFacts) => number {
  const known = new Map<string, number>()
  return (window) => {
    const key = JSON.stringify([window.app, window.title, window.domain])
    const category = known.get(key) ?? ruleFor(rules, window)?.categoryId ?? UNCATEGORISED
    known.set(key, category)
    return category
  }
}

/** All rules in the order in which they decide. */
export async function loadRules(client: Client = db.connection()): Promise<Rule[]> {
  const rows: {
    id: number
    category_id: number
    priority: number
    app: string | null
    title: string | null
    domain: string | null
  }[] = await client.from('category_rules').orderBy('priority', 'desc').orderBy('id')
  return rows.map(({ category_id: categoryId, ...rule }) => ({ ...rule, categoryId }))
}

/** All categories, by name. */
export async function loadCategories(client: Client = db.connection()): Promise<Category[]> {
  const rows: { id: number; parent_id: number | null; name: string; value: CategoryValue }[] =
    await client.from('categories').orderBy('name')
  return rows.map(({ parent_id: parentId, ...category }) => ({ ...category, parentId }))
}
