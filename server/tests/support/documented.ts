import { openapi, pathOf } from '#services/openapi/document'
import { descriptions } from '#services/openapi/describe'
import type { ApiResponse } from '@japa/api-client'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

type Contents = Record<string, { readonly schema: object }>
type Operation = { readonly responses: Record<string, { readonly content?: Contents }> }

let documented: ReturnType<typeof read> | null = null

/**
 * Throws where an answer of the API is not what /openapi.json says of its route: the status, the type
 * or the content. Every answer that a functional test gets goes through here.
 */
export function requireDocumented(method: string, url: string, response: ApiResponse) {
  const path = new URL(url).pathname.replace(/^\/api\/v1\//, '/api/').replace(/(?<=.)\/$/, '')
  if (!path.startsWith('/api/')) {
    return
  }
  documented ??= read()
  const status = response.status()
  const route = documented.routes.find((one) => one.method === method && one.pattern.test(path))
  const described =
    route?.operation.responses[status] ?? (status >= 400 ? documented.problem : undefined)
  if (!described) {
    throw new Error(`${method} ${path} answers ${status}, which /openapi.json does not say`)
  }
  const type = response.type()
  if (!described.content || !type.endsWith('json')) {
    requireType(`${method} ${path} → ${status}`, described.content, type)
    return
  }
  const { validate } = documented.schemaOf(route?.key ?? 'problem', status, described.content)
  if (!validate(response.body())) {
    const faults = documented.explain(validate)
    throw new Error(`${method} ${path} → ${status} is not as /openapi.json says: ${faults}`)
  }
}

function requireType(what: string, content: Contents | undefined, type: string) {
  if (content && !(type in content)) {
    throw new Error(`${what} is ${type}, expected ${Object.keys(content).join(' or ')}`)
  }
}

function read() {
  const document = openapi('http://localhost')
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
  ;(formats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema({ $id: 'openapi', ...document })
  const known = new Map<string, ValidateFunction>()
  const routes = [...descriptions.keys()].flatMap((route) => {
    const { pattern, methods } = route.toJSON()
    const path = pathOf(pattern)
    return methods
      .filter((method) => method !== 'HEAD')
      .map((method) => ({
        method,
        key: `${method} ${path}`,
        isFixed: !path.includes('{'),
        pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
        operation: document.paths[path]?.[method.toLowerCase()] as unknown as Operation,
      }))
  })
  const problem = {
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return {
    routes: routes.sort((one, other) => Number(other.isFixed) - Number(one.isFixed)),
    problem,
    schemaOf(key: string, status: number, content: Contents) {
      const name = `${key} ${status}`
      const schema = JSON.stringify(content['application/json']?.schema ?? {})
      const validate =
        known.get(name) ?? ajv.compile(JSON.parse(schema.replaceAll('"#/', '"openapi#/')))
      known.set(name, validate)
      return { validate }
    },
    explain: (validate: ValidateFunction) => ajv.errorsText(validate.errors),
  }
}
