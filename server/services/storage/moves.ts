import { media } from '#services/media'
import { DiskError, isDiskName, type DiskName, type Placement } from '#services/storage/disk'
import { noteFailure, noteWell } from '#services/storage/disk_state'
import { diskOf } from '#services/storage/disks'
import { queueRemovals, removeFiles } from '#services/storage/removals'
import { thumbnailKey, withCopy, type StoredFile } from '#services/storage/stored_file'
import db from '@adonisjs/lucid/services/db'

const TABLES = ['screenshots', 'recordings'] as const
type Table = (typeof TABLES)[number]

type Moving = {
  readonly id: string
  readonly agent_id: number
  readonly captured_at: number
  readonly media_type: string
  readonly bytes: number
  readonly sha256: string
  readonly disk: DiskName
  readonly media_key: string
  readonly move_to: string
  readonly site: string
  readonly agent: string
  readonly person: string | null
}

export type Moved = {
  moved: number
  /** Files that are not where their rows say, or are not what they say: they stay where they are. */
  broken: number
  /** What stopped a disk, by its name. */
  readonly stopped: Map<DiskName, DiskError>
}

/**
 * Moves what is on its way to another disk: the file goes there, then its row says so, then the old
 * file goes. A crash in between leaves nothing lost and nothing twice: the same id on the same disk is
 * the same file. A disk that does not take files is left alone until the next run.
 */
export async function moveMedia(signal?: AbortSignal): Promise<Moved> {
  const total: Moved = { moved: 0, broken: 0, stopped: new Map() }
  for (const table of TABLES) {
    for (;;) {
      const row = signal?.aborted ? null : await nextOf(table, [...total.stopped.keys()])
      if (!row) {
        break
      }
      await moveOne(table, row, total, signal)
    }
  }
  return total
}

/** What is to be moved next to a disk that takes files, the oldest first. */
async function nextOf(table: Table, stopped: readonly DiskName[]): Promise<Moving | null> {
  for (let name = await targetAfter('', table); name; name = await targetAfter(name, table)) {
    const row = stopped.some((disk) => disk === name) ? null : await oldestTo(name, table, stopped)
    if (row) {
      return row
    }
  }
  return null
}

/** The disk that something is on its way to, next by its name: one step in the index, not a walk. */
async function targetAfter(name: string, table: Table): Promise<string | null> {
  const row = await db
    .from(table)
    .where('move_to', '>', name)
    .orderBy('move_to')
    .select('move_to')
    .first()
  return row?.move_to ?? null
}

function oldestTo(name: string, table: Table, stopped: readonly DiskName[]): Promise<Moving | null> {
  return db
    .from(table)
    .where('move_to', name)
    .whereNotIn(`${table}.disk`, [...stopped])
    .join('agents', 'agents.id', `${table}.agent_id`)
    .leftJoin('users', 'users.id', 'agents.person_id')
    .orderBy(`${table}.captured_at`)
    .select(
      ...['id', 'agent_id', 'captured_at', 'media_type', 'bytes', 'sha256', 'disk', 'media_key'].map(
        (column) => `${table}.${column}`
      ),
      `${table}.move_to`,
      'agents.site',
      'agents.name as agent',
      'users.full_name as person'
    )
    .first()
}

async function moveOne(table: Table, row: Moving, total: Moved, signal?: AbortSignal) {
  const { move_to: name } = row
  if (!isDiskName(name) || name === row.disk) {
    return stay(table, row)
  }
  const from = { disk: row.disk, mediaKey: row.media_key }
  try {
    const target = await diskOf(name)
    const put = async (path: string) => {
      const key = await target.put(path, placementOf(table, row), signal)
      if (table === 'screenshots') {
        await media.thumbnailOf(thumbnailKey({ disk: name, mediaKey: key }), (make) => make(path))
      }
      return key
    }
    const key = await (row.disk === 'local'
      ? media.withPlain(row.media_key, put)
      : withCopy(from, put))
    await settle(table, row, { disk: name, mediaKey: key })
    await noteWell(name)
    total.moved += 1
  } catch (error) {
    if (isMissing(error)) {
      total.broken += 1
      return stay(table, row)
    }
    if (!(error instanceof DiskError)) {
      throw error
    }
    total.stopped.set(error.disk, error)
    await noteFailure(error)
  }
}

/** The row names the new place and the old file goes; where the row went meanwhile, the new file goes. */
async function settle(table: Table, row: Moving, to: StoredFile) {
  const from = { disk: row.disk, mediaKey: row.media_key }
  const gone = await db.transaction(async (trx) => {
    const [changed] = [
      await trx
        .from(table)
        .where({ agent_id: row.agent_id, id: row.id, disk: row.disk, media_key: row.media_key })
        .update({ disk: to.disk, media_key: to.mediaKey, move_to: null }),
    ].flat()
    const unneeded = Number(changed) > 0 ? from : to
    await queueRemovals(trx, [unneeded])
    await trx.from('uploads').where({ agent_id: row.agent_id, id: row.id }).delete()
    return unneeded
  })
  await removeFiles([gone])
}

/** Nothing to move: the row stays as it is, and `storage:verify` names a file that is missing. */
async function stay(table: Table, { agent_id: agentId, id }: Moving) {
  await db.from(table).where({ agent_id: agentId, id }).update({ move_to: null })
}

function placementOf(table: Table, row: Moving): Placement {
  return {
    id: row.id,
    kind: table === 'screenshots' ? 'screenshot' : 'recording',
    agentId: row.agent_id,
    site: row.site,
    person: row.person ?? row.agent,
    capturedAt: Number(row.captured_at),
    mediaType: row.media_type,
    bytes: Number(row.bytes),
    sha256: row.sha256,
  }
}

function isMissing(error: unknown): boolean {
  return (
    (error instanceof DiskError && error.code === 'E_DISK_MISSING') ||
    (error as NodeJS.ErrnoException).code === 'ENOENT'
  )
}
