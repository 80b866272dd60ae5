import { join } from 'node:path'
import type { Exclusion } from '../../contract/policy.ts'
import { AgentError } from '../errors.ts'
import { readPrivate, writePrivate } from './private_file.ts'

const FILE = 'exclusions.json'
/** As on the wire, where a policy carries them. */
const MOST = { exclusions: 500, characters: 255, reason: 120 } as const
const KEYS: readonly (keyof Exclusion)[] = ['app', 'title', 'reason']

/**
 * What the person at this machine excludes, in `exclusions.json` of the data folder. It never leaves
 * the machine. Throws E_DAMAGED_FILE where the file is not a list of exclusions: better nothing is
 * captured than something the person closed.
 */
export function ownExclusions(dataDir: string): readonly Exclusion[] {
  return readPrivate(join(dataDir, FILE), listOf) ?? []
}

/** Adds one. Throws E_INVALID_OPTION for a pattern that is empty, too long or stands for everything. */
export function addOwnExclusion(dataDir: string, exclusion: Exclusion): readonly Exclusion[] {
  const before = ownExclusions(dataDir).filter((one) => !isSame(one, exclusion))
  const next = [...before, checked(exclusion)]
  if (next.length > MOST.exclusions) {
    throw new AgentError(
      'E_INVALID_OPTION',
      `Expected at most ${MOST.exclusions} exclusions of your own, found ${next.length}`
    )
  }
  writePrivate(join(dataDir, FILE), next)
  return next
}

/** Removes the one with these patterns. Throws E_UNKNOWN_EXCLUSION where the person has none such. */
export function removeOwnExclusion(
  dataDir: string,
  exclusion: Pick<Exclusion, 'app' | 'title'>
): readonly Exclusion[] {
  const before = ownExclusions(dataDir)
  const next = before.filter((one) => !isSame(one, exclusion))
  if (next.length === before.length) {
    throw new AgentError(
      'E_UNKNOWN_EXCLUSION',
      `Expected an exclusion of your own, found ${JSON.stringify({ app: exclusion.app, title: exclusion.title })}`
    )
  }
  writePrivate(join(dataDir, FILE), next)
  return next
}

function isSame(one: Pick<Exclusion, 'app' | 'title'>, other: typeof one): boolean {
  return one.app === other.app && one.title === other.title
}

function checked(exclusion: Exclusion): Exclusion {
  const { app, title, reason } = exclusion
  const patterns = [app, title].filter((pattern) => pattern !== null)
  const isBlank = (pattern: string) => pattern.replaceAll('*', '').trim() === ''
  if (patterns.length === 0 || patterns.some(isBlank)) {
    throw new AgentError(
      'E_INVALID_OPTION',
      'Expected a pattern with at least one letter or digit for --app or --title; to stop everything, pause'
    )
  }
  if (
    patterns.some((pattern) => pattern.length > MOST.characters) ||
    (reason?.length ?? 0) > MOST.reason
  ) {
    throw new AgentError(
      'E_INVALID_OPTION',
      `Expected patterns of at most ${MOST.characters} characters and a reason of at most ${MOST.reason}`
    )
  }
  return { app, title, reason: reason === '' ? null : reason }
}

function listOf(value: unknown): readonly Exclusion[] {
  if (!Array.isArray(value)) {
    throw new TypeError('not a list')
  }
  return value.map((entry: unknown) => {
    const fields = Object.fromEntries(KEYS.map((key) => [key, textOf(entry, key)]))
    return checked(fields as Exclusion)
  })
}

function textOf(entry: unknown, key: keyof Exclusion): string | null {
  const value = (entry as Partial<Record<string, unknown>> | null)?.[key] ?? null
  if (value !== null && typeof value !== 'string') {
    throw new TypeError(`"${key}" is not text`)
  }
  return value
}
