import { join } from 'node:path'
import { variableOf } from './options.ts'
import { readPrivate, writePrivate } from './trust/private_file.ts'

const FILE = 'settings.json'

/** What was set on this machine: `screenshot.intervalSeconds` → the text that its variable would have. */
export type Settings = Readonly<Record<string, string>>

export function settingsPath(dataDir: string): string {
  return join(dataDir, FILE)
}

/** The settings of this machine; none without the file. Throws E_DAMAGED_FILE. */
export function readSettings(dataDir: string): Settings {
  return readPrivate(settingsPath(dataDir), settingsOf) ?? {}
}

export function writeSettings(dataDir: string, settings: Settings): void {
  writePrivate(settingsPath(dataDir), settings)
}

/**
 * Puts settings below the environment and above the site: a variable that is set already stays.
 * Answers the variables that come from the settings.
 */
export function applySettings(
  settings: Settings,
  env: Record<string, string | undefined> = process.env
): ReadonlySet<string> {
  const applied = new Set<string>()
  for (const [key, text] of Object.entries(settings)) {
    const variable = variableOfSetting(key)
    if (env[variable] === undefined) {
      env[variable] = text
      applied.add(variable)
    }
  }
  return applied
}

/** The environment variable of `plugin.option`. */
export function variableOfSetting(key: string): string {
  const [plugin = '', option = ''] = key.split('.')
  return variableOf(plugin, option)
}

function settingsOf(value: unknown): Settings {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>)
  if (!entries.every(([, text]) => typeof text === 'string')) {
    throw new TypeError('a value is not text')
  }
  return Object.fromEntries(entries) as Settings
}
