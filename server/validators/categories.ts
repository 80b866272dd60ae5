import { closed } from '#contract/fields'
import { CATEGORY_VALUES } from '#services/categories/rules'
import vine from '@vinejs/vine'

const number = () => vine.number().withoutDecimals().positive().max(2_147_483_647)
const pattern = () => vine.string().trim().minLength(1).maxLength(255).nullable().optional()

const category = () => ({
  name: vine.string().trim().minLength(1).maxLength(80),
  value: vine.enum(CATEGORY_VALUES),
  parent_id: number().nullable().optional(),
})

const rule = () => ({
  priority: vine.number().withoutDecimals().range([0, 1000]).optional(),
  app: pattern(),
  title: pattern(),
  domain: pattern(),
})

/** Forms; what else they carry is left out. */
export const categoryValidator = vine.create(category())
export const ruleValidator = vine.create(rule())

/** Messages of the API, which carry nothing else. */
export const newCategoryValidator = vine.create(closed(category()))
export const newRuleValidator = vine.create(closed(rule()))

/** A window to try the rules on. */
export const windowValidator = vine.create({
  app: vine.string().maxLength(255).optional(),
  title: vine.string().maxLength(1024).optional(),
  domain: vine.string().maxLength(255).optional(),
})

export const assignValidator = vine.create({ category_id: number() })
