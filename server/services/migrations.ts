import { isTableMissing, MIGRATE } from '#services/database_errors'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { LoggerService } from '@adonisjs/core/types'
import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** How often a server that waits for its tables looks for them. */
const LOOK_MS = 1000

const MIGRATION = /^(\d+_\w+)\.(?:ts|js)$/

let needed: readonly string[] | null = null

/**
 * Names of the migrations that this server has and its database has not, in their order. Changes
 * nothing; rejects as the database does where it is away.
 */
export async function pendingMigrations(): Promise<readonly string[]> {
  needed ??= (await readdir(app.migrationsPath()))
    .flatMap((file) => MIGRATION.exec(file)?.[1] ?? [])
    .sort()
  const done = await migrated()
  return needed.filter((name) => !done.has(name))
}

/** Names of the migrations that the database has. */
export async function migrated(): Promise<ReadonlySet<string>> {
  try {
    const rows: { name: string }[] = await db.from('adonis_schema').select('name')
    return new Set(rows.map(({ name }) => basename(name)))
  } catch (error) {
    if (isTableMissing(error)) {
      return new Set()
    }
    throw error
  }
}

/**
 * Resolves when the database is there with every table, however long that takes, or when `signal` is
 * aborted; gives whether it is. What is in the way is said in the log once, and so is its end.
 */
export async function untilMigrated(
  logger: Pick<LoggerService, 'error' | 'info'>,
  signal: AbortSignal
): Promise<boolean> {
  let said: string | null = null
  while (!signal.aborted) {
    const { words, cause } = await obstacle()
    if (words === null) {
      if (said !== null) {
        logger.info('the database is ready, and everything is served')
      }
      return true
    }
    if (words !== said) {
      logger.error({ err: cause }, words)
      said = words
    }
    await wait(LOOK_MS, undefined, { ref: false, signal }).catch(() => undefined)
  }
  return false
}

/** Whether a statement failed because a table or a column of this server is not there yet. */
export async function isUnmigrated(error: unknown): Promise<boolean> {
  if (!isTableMissing(error)) {
    return false
  }
  const pending = await pendingMigrations().catch(() => [])
  return pending.length > 0
}

async function obstacle(): Promise<{ words: string | null; cause?: unknown }> {
  try {
    const { length } = await pendingMigrations()
    return {
      words: length === 0 ? null : `${length} migrations are pending: run ${MIGRATE}`,
    }
  } catch (cause) {
    return { words: 'the database cannot be reached: node ace worksight:doctor says why', cause }
  }
}
