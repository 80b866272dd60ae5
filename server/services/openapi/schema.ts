import { LIMITS } from '#contract/limits'

/** A JSON Schema, 2020-12. One with a `title` becomes a component of that name. */
export type Schema = Readonly<Record<string, unknown>>

/** What Vine offers of its validators. */
export type Validator = { toJSONSchema(): object }

/** The values that a boolean of a query string may have; Vine writes them out. */
const WRITTEN_BOOLEANS = JSON.stringify(['1', 1, 'true', true, 'on', '0', 0, 'false', false])

/** What a validator takes, as JSON Schema. */
export function schemaOf(validator: Validator): Schema {
  return tidy(validator.toJSONSchema()) as Schema
}

/** The properties of an object that a validator takes. */
export function propertiesOf(validator: Validator): Readonly<Record<string, Schema>> {
  return (schemaOf(validator).properties ?? {}) as Record<string, Schema>
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(tidy)
  }
  if (typeof value !== 'object' || value === null) {
    return value
  }
  if ('enum' in value && JSON.stringify(value.enum) === WRITTEN_BOOLEANS) {
    return { type: 'boolean' }
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tidy(inner)]))
}

/** An object with exactly these properties. */
export const object = (properties: Readonly<Record<string, Schema>>, title?: string): Schema => ({
  ...(title ? { title } : {}),
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

export const text: Schema = { type: 'string' }
export const number: Schema = { type: 'integer' }
export const amount: Schema = { type: 'number' }
export const flag: Schema = { type: 'boolean' }
export const instant: Schema = { type: 'string', format: 'date-time' }
export const uuid: Schema = { type: 'string', format: 'uuid' }
export const anything: Schema = {}

export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })
export const list = (items: Schema): Schema => ({ type: 'array', items })
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values })

/** One page of a list: `next` is the address of the next page, or null. */
export const pageOf = (items: Schema): Schema =>
  object({ data: list(items), next: nullable({ type: 'string', format: 'uri-reference' }) })

/** The bytes of a file. */
export const bytes = (...types: readonly string[]): Schema => ({
  'x-media-types': types,
  'type': 'string',
  'format': 'binary',
})

/**
 * A multipart body: the JSON of a description, and the bytes it describes. As JSON, `reference` names
 * bytes that stand on a disk already.
 */
export const upload = (validator: Validator, maxBytes: number, reference: Validator): Schema => ({
  'x-media-types': ['multipart/form-data'],
  'x-json': schemaOf(reference),
  ...object({
    observation: {
      type: 'string',
      contentMediaType: 'application/json',
      contentSchema: schemaOf(validator),
      description: 'The description, as JSON',
    },
    file: { type: 'string', format: 'binary', maxLength: maxBytes },
  }),
})

/** A batch of events, each of which is one of these. */
export const batchOf = (validators: readonly Validator[]): Schema =>
  object({
    observations: {
      type: 'array',
      minItems: 1,
      maxItems: LIMITS.batchEvents,
      items: { oneOf: validators.map(schemaOf) },
    },
  })

export const anyOf = (validators: readonly Validator[]): Schema => ({
  oneOf: validators.map(schemaOf),
})
