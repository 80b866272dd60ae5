import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Site } from '../define_site.ts'
import { AgentError, asError } from '../errors.ts'

const REPOSITORY = resolve(import.meta.dirname, '../../..')

/**
 * Loads a site: the file given, or `config/sites/<name>.ts` in the folder the command was started in,
 * or beside agent-core. Throws E_SITE_NOT_FOUND or E_INVALID_SITE, with the cause.
 */
export async function loadSite(name: string, file: string | undefined): Promise<Site> {
  const path = siteFile(name, file)
  const module = await importSite(path)
  if (!isSite(module.default)) {
    throw new AgentError(
      'E_INVALID_SITE',
      `Expected ${path} to export a site, found something else`
    )
  }
  return module.default
}

/** Path of a site file. Throws E_SITE_NOT_FOUND. */
export function siteFile(name: string, file: string | undefined): string {
  const places = file === undefined ? sitePlaces(name) : [resolve(file)]
  const path = places.find((place) => existsSync(place))
  if (path === undefined) {
    throw new AgentError(
      'E_SITE_NOT_FOUND',
      `Expected a site in ${places.join(' or ')}, found none`
    )
  }
  return path
}

function sitePlaces(name: string): readonly string[] {
  const relative = join('config', 'sites', `${name}.ts`)
  return [...new Set([resolve(relative), join(REPOSITORY, relative)])]
}

async function importSite(path: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
  } catch (cause) {
    if (cause instanceof AgentError) {
      throw cause
    }
    throw new AgentError(
      'E_INVALID_SITE',
      `Expected ${path} to load, found: ${asError(cause).message}`,
      { cause }
    )
  }
}

function isSite(value: unknown): value is Site {
  const { name, plugins, workingHours } = (value ?? {}) as Partial<Site>
  return typeof name === 'string' && Array.isArray(plugins) && workingHours !== undefined
}
