import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import env from '#start/env'

/** How long one waits for another that prepares the same database, in seconds. */
const WAIT_SECONDS = 120
const LOCK = 'worksight_setup'

/**
 * Runs `work` while no other process prepares the same database: the second of two waits, and then
 * finds everything done. The lock ends with the process that holds it.
 */
export async function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  return db.connection().dialect.name === 'mysql' ? onServer(work) : onFile(work)
}

async function onFile<Result>(work: () => Promise<Result>): Promise<Result> {
  const file = app.makePath(env.get('SQLITE_FILE', 'storage/worksight.sqlite'))
  await mkdir(dirname(file), { recursive: true })
  const lock = new Sqlite(`${file}.setup`, { timeout: WAIT_SECONDS * 1000 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return await work()
  } finally {
    lock.close()
  }
}

/** A named lock belongs to one connection, which a transaction keeps. */
function onServer<Result>(work: () => Promise<Result>): Promise<Result> {
  return db.transaction(async (trx) => {
    await trx.rawQuery('select get_lock(?, ?)', [LOCK, WAIT_SECONDS])
    try {
      return await work()
    } finally {
      await trx.rawQuery('select release_lock(?)', [LOCK])
    }
  })
}
