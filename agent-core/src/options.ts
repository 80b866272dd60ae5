import { AgentError } from './errors.ts'

/** Where the value of an option comes from. */
export type OptionSource = 'default' | 'site' | 'environment'

export type ResolvedOptions<Options> = {
  readonly values: Options
  readonly sources: Readonly<Record<keyof Options, OptionSource>>
}

/** Sources of the values that `resolveOptions` answered with. */
const SOURCES = new WeakMap<object, Readonly<Record<string, OptionSource>>>()

/** Where the values of resolved options come from; null where they were not resolved here. */
export function sourcesOf(values: object): Readonly<Record<string, OptionSource>> | null {
  return SOURCES.get(values) ?? null
}

/**
 * The options of a plugin: default, over it the site file, over it the environment. The variable of
 * `intervalSeconds` of `screenshot` is WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS, read as the type of
 * the default: numbers and booleans as such, text as it is, lists and objects as JSON. Throws
 * E_INVALID_OPTION with the variable, what was expected and what was found.
 */
export function resolveOptions<Options extends Record<string, unknown>>(
  plugin: string,
  defaults: Options,
  given: Partial<Options>,
  env: Readonly<Record<string, string | undefined>> = process.env
): ResolvedOptions<Options> {
  const values: Record<string, unknown> = { ...defaults }
  const sources: Record<string, OptionSource> = {}
  for (const [option, fallback] of Object.entries(defaults)) {
    const variable = variableOf(plugin, option)
    const text = env[variable]
    if (text !== undefined) {
      values[option] = parsed(variable, text, fallback)
      sources[option] = 'environment'
    } else if (given[option] !== undefined) {
      values[option] = given[option]
      sources[option] = 'site'
    } else {
      sources[option] = 'default'
    }
  }
  SOURCES.set(values, sources)
  return { values: values as Options, sources: sources as Record<keyof Options, OptionSource> }
}

/** The environment variable of an option. */
export function variableOf(plugin: string, option: string): string {
  const upper = (name: string) =>
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_')
      .toUpperCase()
  return `WORKSIGHT_${upper(plugin)}_${upper(option)}`
}

function parsed(variable: string, text: string, fallback: unknown): unknown {
  switch (typeof fallback) {
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text))
        ? Number(text)
        : refuse(variable, 'a number', text)
    case 'boolean':
      return ['true', 'false'].includes(text)
        ? text === 'true'
        : refuse(variable, '"true" or "false"', text)
    case 'object':
      return fallback === null ? text : fromJson(variable, text, fallback)
    default:
      return text
  }
}

function fromJson(variable: string, text: string, fallback: object): unknown {
  const expected = Array.isArray(fallback) ? 'a list as JSON' : 'an object as JSON'
  try {
    const value: unknown = JSON.parse(text)
    const isAlike =
      typeof value === 'object' &&
      value !== null &&
      Array.isArray(value) === Array.isArray(fallback)
    return isAlike ? value : refuse(variable, expected, text)
  } catch (error) {
    if (error instanceof AgentError) {
      throw error
    }
    return refuse(variable, expected, text)
  }
}

function refuse(variable: string, expected: string, found: string): never {
  throw new AgentError('E_INVALID_OPTION', `${variable}: expected ${expected}, found "${found}"`)
}
