import type { Audience } from '#middleware/allow_middleware'
import { descriptions, type Description } from '#services/openapi/describe'
import { Problem } from '#services/openapi/answers'
import { schemaOf, type Schema, type Validator } from '#services/openapi/schema'
import type { Route } from '@adonisjs/core/http'

export const VERSION = '0.1.0'

const ABOUT = `Bearer tokens in \`Authorization\`: \`wsu_…\` is a person's, \`wsa_…\` an agent's, which sends observations and reads its own configuration. Lists are pages: \`next\` is the address of the next one. Times are RFC 3339. Trailing slashes are accepted, and \`/api/v1/…\` is the same as \`/api/…\`.`

const NUMBER: Schema = { type: 'integer', minimum: 0, maximum: 2_147_483_647 }

type Operation = Readonly<Record<string, unknown>>

/** The whole document, OpenAPI 3.1, from the described routes. `url` is where the server is; `/` is where the document is. */
export function openapi(url: string) {
  const schemas: Record<string, Schema> = {}
  const paths: Record<string, Record<string, Operation>> = {}
  for (const [route, description] of descriptions) {
    const { pattern, methods } = route.toJSON()
    const path = pathOf(pattern)
    for (const method of methods.filter((name) => name !== 'HEAD')) {
      paths[path] = {
        ...paths[path],
        [method.toLowerCase()]: hoist(operationOf(route, description), schemas) as Operation,
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'WorkSight', version: VERSION, description: ABOUT },
    servers: [{ url }],
    paths: Object.fromEntries(
      Object.entries(paths).sort(([one], [other]) => (one < other ? -1 : 1))
    ),
    components: {
      schemas,
      securitySchemes: {
        person: { type: 'http', scheme: 'bearer', description: "A person's token, wsu_…" },
        agent: { type: 'http', scheme: 'bearer', description: "An agent's token, wsa_…" },
      },
    },
  }
}

/** `/api/agents/:id` gives `/api/agents/{id}`. */
export function pathOf(pattern: string): string {
  return pattern.replace(/:(\w+)/g, '{$1}')
}

function operationOf(route: Route, { summary, details, query, body, answers }: Description) {
  const { pattern, name, methods } = route.toJSON()
  const audience = audienceOf(route)
  return {
    operationId: (name ?? `${methods[0]} ${pattern}`).replace(/^api\./, ''),
    summary,
    description: [details, whoMay(audience)].filter(Boolean).join('\n\n'),
    tags: [pattern.split('/')[2] ?? 'api'],
    security: securityOf(audience),
    ...parametersOf(route, query),
    ...(body ? { requestBody: { required: true, content: contentOf(asSchema(body)) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [
          status,
          answerOf(Number(status), schema),
        ])
      ),
      ...(methods.includes('GET')
        ? { 304: { description: 'Nothing changed since `If-None-Match`' } }
        : {}),
      default: { description: 'It did not work', content: contentOf(Problem) },
    },
  }
}

function parametersOf(route: Route, query: Validator | undefined) {
  const { pattern, matchers } = route.toJSON()
  const inPath = [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: schemaOfParameter(matchers[name]?.match),
  }))
  const { properties = {}, required = [] } = (query ? schemaOf(query) : {}) as {
    properties?: Record<string, Schema>
    required?: readonly string[]
  }
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
  const parameters = [...inPath, ...inQuery]
  return parameters.length > 0 ? { parameters } : {}
}

function schemaOfParameter(match: RegExp | undefined): Schema {
  if (!match) {
    return { type: 'string' }
  }
  if (match.source === String.raw`^\d{1,9}$`) {
    return NUMBER
  }
  return match.source.startsWith('^[0-9a-f]{8}-')
    ? { type: 'string', format: 'uuid' }
    : { type: 'string', pattern: match.source }
}

function answerOf(status: number, schema: Schema | null) {
  const description = status === 201 ? 'Made' : status === 204 ? 'Done' : 'As asked'
  return schema ? { description, content: contentOf(schema) } : { description }
}

function contentOf(schema: Schema) {
  const {
    'x-media-types': types = ['application/json'],
    'x-json': json,
    ...rest
  } = schema as Schema & {
    'x-media-types'?: readonly string[]
    'x-json'?: Schema
  }
  return Object.fromEntries([
    ...types.map((type) => [type, { schema: rest }] as const),
    ...(json ? [['application/json', { schema: json }] as const] : []),
  ])
}

function asSchema(body: Validator | Schema): Schema {
  return 'toJSONSchema' in body ? schemaOf(body as Validator) : body
}

/** Moves every schema with a title to the components, and leaves a reference in its place. */
function hoist(value: unknown, schemas: Record<string, Schema>): unknown {
  if (Array.isArray(value)) {
    return value.map((inner) => hoist(inner, schemas))
  }
  if (typeof value !== 'object' || value === null) {
    return value
  }
  const { title, ...rest } = value as { title?: unknown }
  const hoisted = Object.fromEntries(
    Object.entries(rest).map(([key, inner]) => [key, hoist(inner, schemas)])
  )
  if (typeof title !== 'string') {
    return title === undefined ? hoisted : { title: hoist(title, schemas), ...hoisted }
  }
  schemas[title] ??= hoisted
  return { $ref: `#/components/schemas/${title}` }
}

/** Who may use a route, as its `allow` middleware says. */
export function audienceOf(route: Route): Audience | null {
  for (const entry of route.toJSON().middleware.all()) {
    if (typeof entry === 'object' && entry.name === 'allow') {
      return (entry as unknown as { args: Audience }).args
    }
  }
  return null
}

function whoMay(audience: Audience | null): string {
  if (audience === 'agent') {
    return 'For agents.'
  }
  if (audience && audience !== 'anonymous' && 'api' in audience) {
    return `For people: ${audience.api.join(', ')}.`
  }
  return 'For everybody.'
}

function securityOf(audience: Audience | null) {
  if (audience === 'agent') {
    return [{ agent: [] }]
  }
  return audience === 'anonymous' ? [] : [{ person: [] }]
}
