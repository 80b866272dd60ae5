import { CATEGORY_VALUES } from '#services/categories/rules'
import vine from '@vinejs/vine'

const number = () => vine.number().withoutDecimals().positive().max(2_147_483_647)
const pattern = () => vine.string().trim().minLength(1).maxLength(255).nullable().optional()

export const categoryValidator = vine.create({
  name: vine.string().trim().minLength(1).maxLength(80),
  value: vine.enum(CATEGORY_VALUES),
  parent_id: number().nullable().optional(),
})

export const ruleValidator = vine.create({
  priority: vine.number().withoutDecimals().range([0, 1000]).optional(),
  app: pattern(),
  title: pattern(),
  domain: pattern(),
})

/** A window to try the rules on. */
export const windowValidator = vine.create({
  app: vine.string().maxLength(255).optional(),
  title: vine.string().maxLength(1024).optional(),
  domain: vine.string().maxLength(255).optional(),
})

export const assignValidator = vine.create({ category_id: number() })
