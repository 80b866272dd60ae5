import { DISKS, type DiskError, type DiskName } from '#services/storage/disk'
import { readSetting, writeSetting } from '#services/storage/settings'
import db from '@adonisjs/lucid/services/db'

/** How a disk did when it was last used. */
export type DiskState = {
  readonly state: 'ok' | 'away' | 'full' | 'refused'
  /** What it said, as a sentence; null while it is well. */
  readonly message: string | null
  /** Since when, in milliseconds since 1970. */
  readonly since: number
}

const STATE_OF = {
  E_DISK_AWAY: 'away',
  E_DISK_FULL: 'full',
  E_DISK_REFUSED: 'refused',
} as const

const keyOf = (disk: DiskName) => `storage_state_${disk}`

/** How a disk is; one that was never used is well. */
export async function diskState(disk: DiskName): Promise<DiskState> {
  const known = await readSetting<DiskState>(keyOf(disk))
  return known ?? { state: 'ok', message: null, since: 0 }
}

/** Notes that a disk works. */
export async function noteWell(disk: DiskName): Promise<void> {
  const { state } = await diskState(disk)
  if (state !== 'ok') {
    await writeSetting(keyOf(disk), { state: 'ok', message: null, since: Date.now() })
  }
}

/** Notes what a disk failed with. A file that is missing says nothing about the disk. */
export async function noteFailure({ code, disk, message }: DiskError): Promise<void> {
  if (code === 'E_DISK_MISSING') {
    return
  }
  const before = await diskState(disk)
  const state = STATE_OF[code]
  const since = before.state === state ? before.since : Date.now()
  await writeSetting(keyOf(disk), { state, message, since })
}

/** What waits for a disk: files to be moved there, and files to be removed there. */
export type Waiting = { readonly moves: number; readonly removals: number }

export async function waitingFor(disk: DiskName): Promise<Waiting> {
  const [screenshots, recordings, removals] = await Promise.all([
    count(db.from('screenshots').where('move_to', disk)),
    count(db.from('recordings').where('move_to', disk)),
    count(db.from('media_removals').where('disk', disk)),
  ])
  return { moves: screenshots + recordings, removals }
}

/** Disks that are not well, with what waits for them. */
export async function unwellDisks() {
  const states = await Promise.all(
    DISKS.map(async (disk) => ({ disk, ...(await diskState(disk)), ...(await waitingFor(disk)) }))
  )
  return states.filter(({ state }) => state !== 'ok')
}

async function count(query: ReturnType<typeof db.from>): Promise<number> {
  const [row] = await query.count('* as count')
  return Number(row?.count ?? 0)
}
