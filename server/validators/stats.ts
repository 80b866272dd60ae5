import { FIGURES } from '#services/stats/formulas'
import { isDay } from '#services/timeline/calendar'
import { closed, instant } from '#contract/fields'
import vine from '@vinejs/vine'
import type { FieldContext } from '@vinejs/vine/types'

const dayRule = vine.createRule(
  (value: unknown, _: undefined, field: FieldContext) => {
    if (!isDay(value)) {
      field.report('The {{ field }} must be a day as 2026-11-19', 'day', field)
    }
  },
  {
    toJSONSchema: (schema) => {
      schema.format = 'date'
    },
  }
)

const day = () => vine.string().use(dayRule(undefined))
const number = () => vine.number().withoutDecimals().positive().max(2_147_483_647)

/** Period and scope of statistics. */
export const statsValidator = vine.create({
  person: number().optional(),
  team: number().optional(),
  from: day().optional(),
  to: day().optional(),
  by: vine.enum(['day', 'week']).optional(),
})

export const hourlyValidator = vine.create({
  person: number().optional(),
  agent: number().optional(),
  from: instant(),
  to: instant(),
})

export const explainValidator = vine.create({
  figure: vine.enum(FIGURES),
  person: number().optional(),
  day: day().optional(),
})

export const sessionListingValidator = vine.create({
  person: number().optional(),
  team: number().optional(),
  from: instant().optional(),
  to: instant().optional(),
  cursor: vine
    .string()
    .regex(/^\d{1,16}_[\w-]{1,48}$/)
    .optional(),
  limit: vine.number().withoutDecimals().range([1, 200]).optional(),
})

/** A span that a person notes. */
export const notedSessionValidator = vine.create(
  closed({
    from: instant(),
    until: instant(),
    note: vine.string().trim().minLength(1).maxLength(500),
  })
)
