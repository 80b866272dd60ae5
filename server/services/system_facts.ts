import { examine } from '#services/doctor'
import { failedJobs, queueState, repeatingJobs } from '#services/jobs/state'
import { migrated, pendingMigrations } from '#services/migrations'
import { VERSION } from '#services/openapi/document'
import env from '#start/env'
import db from '@adonisjs/lucid/services/db'

/** Failed jobs that a page shows. */
const MOST_FAILED = 50

/** What this server is, what `worksight:doctor` finds of it, and how its jobs go. */
export async function systemFacts() {
  const [findings, database, done, pending, queue, repeating, failed] = await Promise.all([
    examine(),
    databaseVersion(),
    migrated(),
    pendingMigrations(),
    queueState(),
    repeatingJobs(),
    failedJobs(MOST_FAILED),
  ])
  const migrations = { done: done.size, pending, newest: [...done].sort().at(-1) ?? null }
  const versions = { worksight: VERSION, node: process.versions.node, database }
  return { findings, versions, migrations, queue, repeating, failed }
}

async function databaseVersion(): Promise<string> {
  const isSqlite = env.get('DB_CONNECTION') === 'sqlite'
  const version = db.knexRawQuery(`${isSqlite ? 'sqlite_version' : 'version'}() as version`)
  const [row] = await db.connection().knexQuery().select(version)
  const [number, maker] = String(row?.version).split('-')
  return `${isSqlite ? 'SQLite' : (maker ?? 'MySQL')} ${number}`
}
