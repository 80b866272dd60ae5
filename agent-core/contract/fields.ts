import vine from '@vinejs/vine'
import type { FieldContext, SchemaTypes } from '@vinejs/vine/types'

/**
 * The field types every message is made of. Numbers and booleans are strict (a `"5"` is refused),
 * objects are closed (a key the contract does not name is refused), so that what the wire can carry
 * is exactly what these files say.
 */

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/
const FIRST_INSTANT = Date.UTC(2000, 0, 1)
const LAST_INSTANT = Date.UTC(2100, 0, 1)

/** Whether `value` is an RFC 3339 instant between the years 2000 and 2100. */
export function isInstant(value: string): boolean {
  const [, year, month, day] = INSTANT.exec(value) ?? []
  if (!year || (Number(day) > 28 && Number(day) > daysOf(Number(year), Number(month)))) {
    return false // Date.parse turns the 30th of February into the 2nd of March
  }
  const time = Date.parse(value)
  return time >= FIRST_INSTANT && time < LAST_INSTANT
}

const daysOf = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate()

const instantRule = vine.createRule(
  (value: unknown, _options: undefined, field: FieldContext) => {
    if (typeof value === 'string' && !isInstant(value)) {
      field.report(
        'The {{ field }} field must be an RFC 3339 instant such as 2026-11-22T10:00:00.000Z',
        'instant',
        field
      )
    }
  },
  {
    toJSONSchema: (schema) => {
      schema.format = 'date-time'
    },
  }
)

type Keys = { readonly known: ReadonlySet<string>; readonly required: readonly string[] }

const closedRule = vine.createRule(
  (value: unknown, { known }: Keys, field: FieldContext) => {
    for (const key of Object.keys(value as object)) {
      if (!known.has(key)) {
        const path = field.getFieldPath()
        const name = key.slice(0, 64)
        const unknownField = Object.create(field, {
          getFieldPath: { value: () => (path ? `${path}.${name}` : name) },
        })
        field.report(
          `The field "${name}" is not part of this message`,
          'unknownField',
          unknownField
        )
      }
    }
  },
  {
    toJSONSchema: (schema, { required }) => {
      // Vine says of what may be null that it may be missing, and refuses it then
      Object.assign(schema, { required })
    },
  }
)

/** Half of a surrogate pair is no character: no database gives it back, and JSON columns refuse it. */
const wellFormedRule = vine.createRule(
  (value: unknown, _: undefined, field: FieldContext) => {
    if (typeof value === 'string' && !value.isWellFormed()) {
      field.report('The {{ field }} field holds half of a surrogate pair', 'wellFormed', field)
    }
  },
  {
    toJSONSchema: (schema) => {
      Object.assign(schema, { [WELL_FORMED]: true })
    },
  }
)

/** The keyword that says of a text, in a JSON schema, that it is well-formed. */
export const WELL_FORMED = 'x-well-formed'

/** An object that refuses every key it does not name. */
export function closed<Properties extends Record<string, SchemaTypes>>(properties: Properties) {
  const known = new Set(Object.keys(properties))
  const required = [...known].filter((key) => !isOptional(properties[key]))
  return vine.object(properties).use(closedRule({ known, required }))
}

const isOptional = (property: unknown) => (property as { isOptional?: boolean }).isOptional === true

/** An RFC 3339 instant with `Z` or an offset, to the millisecond at most. */
export const instant = () => vine.string().use(instantRule(undefined))

/** A UUIDv7, lower case, made where the thing it names was made. */
export const uuid = () =>
  vine.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)

/** A SHA-256 as 64 lower-case hexadecimal digits. */
export const sha256 = () => vine.string().regex(/^[0-9a-f]{64}$/)

/** A whole number from `least` to `most`, both included. */
export const whole = (least: number, most: number) =>
  vine.number({ strict: true }).withoutDecimals().range([least, most])

/** A finite number from `least` to `most`, both included. */
export const amount = (least: number, most: number) =>
  vine.number({ strict: true }).range([least, most])

/** `true` or `false`, nothing that looks like it. */
export const flag = () => vine.boolean({ strict: true })

/** Well-formed text of 1 to `most` UTF-16 units. */
export const text = (most: number) =>
  vine.string().minLength(1).maxLength(most).use(wellFormedRule(undefined))
