import { hash } from 'node:crypto'
import type { Disk } from '../src/disk.ts'
import { Spool, type LaneName } from '../src/spool.ts'
import { CrashDisk, PowerLoss, type Chance } from './crash_fs.ts'
import { digestOf } from './oracle.ts'
import { aScreenshot, anEvent } from './samples.ts'

export const ACTIONS = ['event', 'picture', 'settle', 'bury', 'retry', 'purge', 'reopen'] as const
export type Action = (typeof ACTIONS)[number]

/** One life of the machine: what is done, and after how many operations of the disk the power goes. */
export type Life = { readonly actions: readonly Action[]; readonly operations: number }

const FOLDER = '/spool'
const OPTIONS = { quota: { minFreeBytes: 0, maxBytes: 1e12 }, lock: () => () => undefined }
const LANES: readonly LaneName[] = ['events', 'media']

/**
 * Lives through power losses and checks after each that everything accepted is in exactly one place.
 * Throws a sentence with what is wrong; answers how many names and bytes the losses took. `disguise`
 * is put over each disk: the mutants.
 */
export async function liveThrough(
  lives: readonly Life[],
  seed: number,
  disguise: (disk: Disk) => Disk = (disk) => disk
): Promise<{ readonly lost: number; readonly accepted: number }> {
  const chance = chanceOf(seed)
  const known = new Known()
  let disk = new CrashDisk()
  let lost = 0
  for (const { actions, operations } of lives) {
    disk = disk.restarted(chance, operations)
    await untilPowerLoss(() => live(disguise(disk), actions, known))
    disk = disk.restarted(chance)
    lost += disk.lost
    await check(disguise(disk), known)
  }
  return { lost, accepted: known.accepted.size }
}

/** What whoever stands outside knows. */
class Known {
  readonly attempted = new Map<string, string>()
  readonly accepted = new Set<string>()
  /** Taken by the server, or purged by a person: may be gone. */
  readonly leaving = new Set<string>()
  /** Was to be purged at least once; the tombstone comes first, so it may be there still. */
  readonly doomed = new Set<string>()
  /** Said to be gone. */
  readonly gone = new Set<string>()
  seq = 0
}

async function live(disk: Disk, actions: readonly Action[], known: Known): Promise<void> {
  let spool = await Spool.open(FOLDER, { ...OPTIONS, disk })
  for (const action of actions) {
    if (action === 'reopen') {
      await spool.close()
      spool = await Spool.open(FOLDER, { ...OPTIONS, disk })
    } else {
      await act(spool, action, known)
    }
  }
}

async function act(spool: Spool, action: Exclude<Action, 'reopen'>, known: Known): Promise<void> {
  const queued = LANES.flatMap((lane) => spool.oldest(lane, 2)).map(({ id }) => id)
  const dead = spool.dead().map(({ id }) => id)
  switch (action) {
    case 'event':
      return put(spool, known)
    case 'picture':
      return put(spool, known, Buffer.from(`picture ${known.attempted.size}`.repeat(100)))
    case 'settle':
      return leave(known, queued, () => spool.settle(queued))
    case 'purge':
      dead.forEach((id) => known.doomed.add(id))
      return leave(known, dead, () => spool.purge(dead, 1))
    case 'bury':
      for (const id of queued) {
        await spool.bury(id, { code: 'E_BAD', reason: 'Bad', field: null, attempts: 1 })
      }
      return
    case 'retry':
      for (const id of dead) {
        await spool.retry(id)
      }
  }
}

async function put(spool: Spool, known: Known, picture?: Buffer): Promise<void> {
  const item = anEvent(spool, picture === undefined ? undefined : aScreenshot(picture))
  const sha256 = picture === undefined ? null : hash('sha256', picture, 'hex')
  known.attempted.set(item.id, digestOf(item, sha256))
  const outcome = await spool.put(item, picture)
  if (outcome.status === 'accepted') {
    known.accepted.add(item.id)
    known.seq = Math.max(known.seq, outcome.observation.seq)
  } else if (outcome.cause === 'disk') {
    throw new Error(`Refused: ${outcome.reason}`)
  }
}

async function leave(
  known: Known,
  ids: readonly string[],
  work: () => Promise<void>
): Promise<void> {
  ids.forEach((id) => known.leaving.add(id))
  await work()
  ids.forEach((id) => known.gone.add(id))
}

async function check(disk: Disk, known: Known): Promise<void> {
  const spool = await Spool.open(FOLDER, { ...OPTIONS, disk })
  const dead = spool.dead()
  for (const { id } of dead) {
    await spool.retry(id)
  }
  const entries = LANES.flatMap((lane) => spool.oldest(lane, Infinity))
  const ids = new Set(entries.map(({ id }) => id))
  for (const entry of entries) {
    const item = await spool.load(entry)
    expect(!known.gone.has(entry.id), `${entry.id} came back`)
    if (item?.observation.kind === 'eviction') {
      const { evicted_id: id } = item.observation
      expect(known.doomed.has(id), `${id} was never given up`)
      continue
    }
    const bytes = item?.payload ? await disk.read(item.payload, 1e6) : null
    const digest =
      item && digestOf(item.observation, bytes === null ? null : hash('sha256', bytes, 'hex'))
    expect(known.attempted.has(entry.id), `${entry.id} was never put`)
    expect(digest === known.attempted.get(entry.id), `${entry.id} is corrupt`)
  }
  for (const id of known.accepted) {
    expect(ids.has(id) || known.leaving.has(id), `${id} is lost`)
  }
  const { accepted, delivered, evicted, dead: buried, queued } = spool.counters()
  expect(accepted === delivered + evicted + buried + queued, 'The counters do not balance')
  expect(buried === 0, 'A power loss makes no corrupt item')
  expect(accepted >= known.seq, `The number ${known.seq} would be given out again`)
  const numbers = new Set(entries.map(({ seq }) => seq))
  expect(numbers.size === entries.length, 'Two items have one number')
  ids.forEach((id) => known.accepted.add(id))
  known.leaving.forEach((id) => !ids.has(id) && known.gone.add(id))
  ids.forEach((id) => known.leaving.delete(id))
  await spool.close()
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) {
    throw new Error(otherwise)
  }
}

async function untilPowerLoss(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isPowerLoss(error)) {
      throw error
    }
  }
}

function isPowerLoss(error: unknown): boolean {
  return error instanceof PowerLoss || (error instanceof Error && isPowerLoss(error.cause))
}

/** Mulberry32: the same numbers for the same seed. */
function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
