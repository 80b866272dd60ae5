import type { DriveClient } from '#services/drive/drive_client'
import { DriveError } from '#services/drive/drive_errors'
import type { Placement } from '#services/storage/disk'
import { queueRemovals } from '#services/storage/removals'
import encryption from '@adonisjs/core/services/encryption'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

/** Google keeps a session for a week; an upload that is older is given up. */
const LONGEST_MS = 8 * 86_400_000

/** Uploads given up at once. */
const MOST_GIVEN_UP = 500

export type OpenUpload = {
  readonly key: string
  /** Null when the whole file is there already. */
  readonly session: string | null
}

type Known = {
  readonly media_key: string
  readonly session: string | null
  readonly sha256: string
}

/**
 * The upload of one observation: the same key each time, made before the first byte, so that a lost
 * answer never leads to a second file. A session that is gone is begun anew.
 */
export async function openUpload(client: DriveClient, placement: Placement): Promise<OpenUpload> {
  const known = await knownUpload(placement)
  if (!known || known.sha256 !== placement.sha256) {
    const key = known ? known.media_key : await client.newId()
    return begin(client, placement, await reserve(placement, key))
  }
  const session = known.session && encryption.decrypt<string>(known.session)
  if (session) {
    const { state } = await client.sessionState(session, placement.bytes)
    if (state === 'open') {
      return { key: known.media_key, session }
    }
  }
  return begin(client, placement, known.media_key)
}

/** A new session for an upload whose session is gone. */
export async function reopenUpload(client: DriveClient, placement: Placement): Promise<OpenUpload> {
  const known = await knownUpload(placement)
  return known ? begin(client, placement, known.media_key) : openUpload(client, placement)
}

/** Forgets an upload: its file has a row now, or is gone. */
export async function closeUpload({ agentId, id }: Pick<Placement, 'agentId' | 'id'>) {
  await db.from('uploads').where({ agent_id: agentId, id }).delete()
}

/** The key that an upload of this observation was given; null where there was none. */
export async function uploadKey({ agentId, id }: Pick<Placement, 'agentId' | 'id'>) {
  return (await knownUpload({ agentId, id }))?.media_key ?? null
}

/** Gives up uploads that nobody finished in time. Returns how many. */
export function expireUploads(now = Date.now()): Promise<number> {
  return giveUp(db.from('uploads').where('started_at', '<', now - LONGEST_MS))
}

/** Gives up what computers are sending now: the observations that they send are not wanted any more. */
export function giveUpUploads(agentIds: readonly number[]): Promise<number> {
  return giveUp(db.from('uploads').whereIn('agent_id', [...agentIds]))
}

/** Gives up one upload: what is under its key is not what was described. */
export async function abandonUpload({ agentId, id }: Pick<Placement, 'agentId' | 'id'>) {
  await giveUp(db.from('uploads').where({ agent_id: agentId, id }))
}

/** What an upload left on the disk goes with it. */
async function giveUp(uploads: ReturnType<typeof db.from>): Promise<number> {
  const old: { agent_id: number; id: string; disk: string; media_key: string }[] =
    await uploads.limit(MOST_GIVEN_UP)
  for (const { agent_id: agentId, id, disk, media_key: mediaKey } of old) {
    await db.transaction(async (trx) => {
      await queueRemovals(trx, [{ disk, mediaKey }])
      await trx.from('uploads').where({ agent_id: agentId, id }).delete()
    })
  }
  return old.length
}

function knownUpload({ agentId, id }: Pick<Placement, 'agentId' | 'id'>): Promise<Known | null> {
  return db.from('uploads').where({ agent_id: agentId, id }).first()
}

/** Writes the key down before it is used. Where a request beside this one was faster, its key holds. */
async function reserve(placement: Placement, key: string): Promise<string> {
  const { agentId, id, sha256, bytes } = placement
  const row = {
    agent_id: agentId,
    id,
    disk: 'google-drive',
    media_key: key,
    session: null,
    sha256,
    bytes,
    started_at: Date.now(),
  }
  await db
    .connection()
    .knexQuery()
    .insert(row)
    .into('uploads')
    .onConflict(['agent_id', 'id'])
    .ignore()
  return (await knownUpload(placement))?.media_key ?? key
}

async function begin(client: DriveClient, placement: Placement, key: string): Promise<OpenUpload> {
  const session = await startOrFind(client, placement, key)
  await db
    .from('uploads')
    .where({ agent_id: placement.agentId, id: placement.id })
    .update({ session: session && encryption.encrypt(session) })
  return { key, session }
}

/** Null when a file of this id is there: the answer to its last chunk was lost. */
async function startOrFind(client: DriveClient, placement: Placement, key: string) {
  const start = async () =>
    client.startSession({
      id: key,
      name: nameOf(placement),
      folder: await client.folder(foldersOf(placement)),
      mediaType: placement.mediaType,
      bytes: placement.bytes,
      properties: { ws: placement.id, ws_app: 'worksight', ws_agent: String(placement.agentId) },
    })
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof DriveError)) {
      throw error
    }
    if (error.verdict === 'taken') {
      return null
    }
    if (error.verdict === 'missing') {
      client.forgetFolders() // somebody removed the folder by hand
      return start()
    }
    throw error
  }
}

/** `WorkSight/<site>/<person>/<yyyy-mm-dd>` */
function foldersOf({ site, person, capturedAt }: Placement): readonly string[] {
  return [
    'WorkSight',
    site,
    person,
    DateTime.fromMillis(capturedAt, { zone: 'utc' }).toISODate() ?? '',
  ]
}

function nameOf({ kind, capturedAt, id, mediaType }: Placement): string {
  const time = DateTime.fromMillis(capturedAt, { zone: 'utc' }).toFormat("yyyyMMdd'T'HHmmss'Z'")
  return `${kind}-${time}-${id}.${mediaType.slice(mediaType.indexOf('/') + 1)}`
}
