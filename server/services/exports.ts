import Export from '#models/export'
import type User from '#models/user'
import ExportJob from '#jobs/export_job'
import env from '#start/env'
import { record } from '#services/audit'
import { exportPerson } from '#services/subject/export'
import app from '@adonisjs/core/services/app'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** How long a file waits for whoever asked for it. */
const LIFE_MS = 24 * 3_600_000

/** Exports on one page. */
const MOST = 100

/** The file of an export. It lies beside the media, on the disk that is meant for such. */
export function exportFile({ id }: Pick<Export, 'id'>): string {
  return join(app.makePath(env.get('STORAGE_PATH', 'storage/media')), 'exports', `${id}.zip`)
}

/** Those that a user asked for or that are about the user; a person sees who took what along. */
export function exportsFor(viewer: User): Promise<Export[]> {
  return Export.query()
    .where((query) => query.where('asked_by', viewer.id).orWhere('person_id', viewer.id))
    .preload('person')
    .preload('asker')
    .orderBy('id', 'desc')
    .limit(MOST)
}

/** An export that `viewer` asked for; the file is nobody else's. */
export function ownExport(viewer: User, id: number): Promise<Export | null> {
  return Export.query().where({ id, asked_by: viewer.id }).preload('person').first()
}

/** Writes down who wants what and why, and lets a job make it. The same, still under way, is given back. */
export async function askForExport(
  viewer: User,
  person: User,
  purpose: string | null,
  address: string
): Promise<Export> {
  const underWay = await Export.query()
    .where({ asked_by: viewer.id, person_id: person.id })
    .whereIn('state', ['waiting', 'made'])
    .first()
  if (underWay) {
    return underWay
  }
  await record({
    ...{ kind: 'look', action: 'export', actor: 'user', actor_id: viewer.id, address },
    ...{ person_id: person.id, agent_id: null, object_id: null, purpose, details: null },
  })
  const made = await Export.create({
    personId: person.id,
    askedBy: viewer.id,
    purpose,
    state: 'waiting',
    askedAt: Date.now(),
  })
  await ExportJob.dispatch({ id: made.id })
  return made
}

/** Tries one that failed once more. */
export async function retryExport(failed: Export): Promise<void> {
  await failed.merge({ state: 'waiting', reason: null }).save()
  await ExportJob.dispatch({ id: failed.id })
}

/**
 * Makes the file of an export: it has its name once it is whole. Made again it replaces itself, so a job that
 * was killed can be run again. Does nothing for one that is done or gone.
 */
export async function makeExport(id: number, signal?: AbortSignal): Promise<void> {
  const asked = await Export.query().where('id', id).preload('person').first()
  if (!asked || asked.state === 'done') {
    return
  }
  await asked.merge({ state: 'made' }).save()
  const path = exportFile(asked)
  const unfinished = `${path}.unfinished`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const { zip, manifest } = await exportPerson(asked.person)
  const target = createWriteStream(unfinished, { mode: 0o600, flush: true })
  await pipeline(zip, target, { ...(signal && { signal }) })
  const {
    manifest: { files },
    sha256,
  } = await manifest
  const { size } = await stat(unfinished)
  await rename(unfinished, path)
  await sync(dirname(path))
  const doneAt = Date.now()
  await asked
    .merge({
      ...{ state: 'done', files: files.length, bytes: size, manifestSha256: sha256 },
      ...{ doneAt, expiresAt: doneAt + LIFE_MS },
    })
    .save()
}

/** Says on the list that an export will not come, and why. */
export async function giveUpExport(id: number, reason: string): Promise<void> {
  await Export.query()
    .where('id', id)
    .update({ state: 'failed', reason: reason.slice(0, 500) })
  await rm(`${exportFile({ id })}.unfinished`, { force: true })
}

/** Removes exports whose time is over; the log of looks remembers them. Returns how many. */
export async function expireExports(now = Date.now()): Promise<number> {
  const over = await Export.query()
    .where('state', 'done')
    .where('expires_at', '<=', now)
    .limit(MOST)
  for (const one of over) {
    await removeExport(one)
  }
  return over.length
}

/** Removes the file, and then its line. */
export async function removeExport(one: Export): Promise<void> {
  await rm(exportFile(one), { force: true })
  await one.delete()
}

/** Removes every export about a person, as an erasure asks. Returns how many. */
export async function removeExportsOf(personId: number): Promise<number> {
  const all = await Export.query().where('person_id', personId)
  for (const one of all) {
    await rm(`${exportFile(one)}.unfinished`, { force: true })
    await removeExport(one)
  }
  return all.length
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
