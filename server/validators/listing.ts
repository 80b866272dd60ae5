import { LIMITS } from '#contract/limits'
import vine from '@vinejs/vine'
import { isInstant } from '#contract/fields'
import type { FieldContext } from '@vinejs/vine/types'

const instantRule = vine.createRule((value: unknown, _: undefined, field: FieldContext) => {
  if (typeof value === 'string' && !isInstant(value)) {
    field.report('The {{ field }} filter must be an RFC 3339 instant', 'instant', field)
  }
})

const instant = () => vine.string().use(instantRule(undefined))

/** Where a page begins: the time and id of the last item of the page before. */
const CURSOR = /^\d{1,16}_[0-9a-f-]{36}$/

/** Filters and page of a list of observations, from the query string. */
export const listingValidator = vine.create({
  agent: vine.number().withoutDecimals().positive().optional(),
  person: vine.number().withoutDecimals().positive().optional(),
  from: instant().optional(),
  to: instant().optional(),
  cursor: vine.string().regex(CURSOR).optional(),
  limit: vine
    .number()
    .withoutDecimals()
    .range([1, LIMITS.batchEvents * 2])
    .optional(),
})
