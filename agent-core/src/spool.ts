import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { EvictionCause } from '../contract/eviction.ts'
import type { SpoolCounters } from '../contract/heartbeat.ts'
import { systemClock } from './clock.ts'
import { nodeDisk, type Disk } from './disk.ts'
import { AgentError, asError, systemCode } from './errors.ts'
import type { SpooledItem } from './hooks.ts'
import { MOST_REMOVING, type Ledger, type LedgerEntry } from './ledger.ts'
import { silentLogger, type Logger } from './logger.ts'
import { utcOffsetMinutes } from './machine.ts'
import { Mutex } from './mutex.ts'
import type { Observation, ObservationKind } from './observation.ts'
import type { Clock, Payload, PayloadFile } from './plugin.ts'
import { encodeSidecar, type Death, type Sidecar } from './sidecar.ts'
import {
  adopt,
  payloadName,
  place,
  removePair,
  removePairInOrder,
  sidecarName,
  spoolPaths,
  type SpoolPaths,
} from './spool_files.ts'
import { tombstoneOf, victimsOf } from './spool_eviction.ts'
import { lockSpool } from './spool_lock.ts'
import { Quota, type QuotaOptions } from './spool_quota.ts'
import { quarantine, recoverSpool, type Recovered } from './spool_recovery.ts'
import { entryOf, readSidecar, type SpoolEntry } from './spool_scan.ts'
import { UuidSource } from './uuid.ts'

/** Events travel in batches; media are one request each. A backlog of one never delays the other. */
export type LaneName = 'events' | 'media'

/** The lane of a kind: what has bytes beside it is media. */
export function laneOf(kind: ObservationKind): LaneName {
  return kind === 'screenshot' || kind === 'recording' ? 'media' : 'events'
}

type WithoutSeq<Kind extends Observation> = Kind extends Observation ? Omit<Kind, 'seq'> : never

/** An observation before the spool gave it its number. */
export type Unnumbered = WithoutSeq<Observation>

/** What became of a `put`. `full`: no room; `disk`: the disk failed. Neither burnt a number. */
export type PutOutcome =
  | { readonly status: 'accepted'; readonly observation: Observation }
  | { readonly status: 'refused'; readonly cause: 'full' | 'disk'; readonly reason: string }

type TombstoneFrame = Pick<Unnumbered, 'utc_offset_minutes' | 'policy_version'>

export type SpoolOptions = {
  readonly disk?: Disk
  readonly clock?: Clock
  readonly logger?: Logger
  readonly quota?: QuotaOptions
  /** The largest number that is known to be given out, by the server: numbers go on after it. */
  readonly atLeastSeq?: number
  /** Makes sure that no other process uses the folder, and returns how to let go of it. */
  readonly lock?: (folder: string) => () => void
}

/** What a sidecar has beside the observation, at most about so much. */
const SIDECAR_REST = 200
const BOTH = ['queue', 'dead'] as const
const FULL = ['ENOSPC', 'EDQUOT']

/**
 * The durable queue of the agent: a payload file and a sidecar an item. An item is *accepted* when
 * `put` resolves with `accepted`; from then on it is in exactly one place: queued, dead, or gone
 * because it was delivered or evicted, whatever happens to the process or the power. Numbers (`seq`)
 * run over all accepted items without a hole, because a number is taken by the rename that commits.
 */
export class Spool {
  readonly ids: UuidSource
  readonly paths: SpoolPaths
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #ledger: Ledger
  readonly #quota: Quota
  readonly #evicts: boolean
  readonly #unlock: () => void
  readonly #mutex = new Mutex()
  readonly #queue: Record<LaneName, Map<string, SpoolEntry>> = {
    events: new Map(),
    media: new Map(),
  }
  readonly #dead = new Map<string, SpoolEntry>()
  readonly #quarantined: Set<string>
  /** Items that the ledger counts as gone, while their files may still be there. */
  #leaving: readonly string[]
  /** Items of which a second copy may lie in the other folder. */
  readonly #strays = new Set<string>()
  #seq: number
  #closed = false

  private constructor(
    paths: SpoolPaths,
    options: SpoolOptions,
    found: Recovered,
    unlock: () => void
  ) {
    this.paths = paths
    this.#disk = options.disk ?? nodeDisk
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? silentLogger
    this.#unlock = unlock
    this.#ledger = found.ledger
    this.#leaving = found.ledger.entry.removing
    this.#seq = found.seq
    this.#quarantined = new Set(found.quarantined)
    this.#quota = new Quota(this.#disk, paths.root, options.quota)
    this.#evicts = options.quota?.whenFull === 'evict'
    this.ids = new UuidSource(() => this.#clock.now(), found.lastId)
    found.queue.forEach((entry) => this.#place(this.#queue[laneOf(entry.kind)], entry))
    found.dead.forEach((entry) => this.#place(this.#dead, entry))
  }

  /**
   * Opens the spool in `folder`, alone: sweeps what a crash left, finishes what it interrupted, and
   * quarantines what cannot be read. Throws E_ALREADY_RUNNING, or E_SPOOL_UNUSABLE with its cause.
   */
  static async open(folder: string, options: SpoolOptions = {}): Promise<Spool> {
    const disk = options.disk ?? nodeDisk
    const paths = spoolPaths(folder)
    let unlock = () => {}
    try {
      await disk.makeFolder(folder)
      unlock = (options.lock ?? lockSpool)(folder)
      const found = await recoverSpool(paths, disk, options)
      return new Spool(paths, options, await continued(found, options.atLeastSeq ?? 0), unlock)
    } catch (error) {
      unlock()
      if (error instanceof AgentError) {
        throw error
      }
      const { message } = asError(error)
      throw new AgentError('E_SPOOL_UNUSABLE', `Expected a spool in ${folder}, found: ${message}`, {
        cause: error,
      })
    }
  }

  /**
   * Makes an observation durable, with its payload. Only when this resolves with `accepted` is it
   * on disk: payload and sidecar written, synced, renamed, and their folder synced, in that order.
   * `beforeDelivery` runs when it is on disk and before anybody can deliver it.
   */
  async put(
    observation: Unnumbered,
    payload?: Payload,
    beforeDelivery?: () => Promise<void>
  ): Promise<PutOutcome> {
    const misfit = isFile(payload) ? await this.#misfit(observation, payload) : null
    if (misfit !== null) {
      return misfit
    }
    return this.#mutex.run(async () => {
      this.#assertOpen()
      try {
        const full = await this.#refuses(observation, payload)
        return full === null
          ? {
              status: 'accepted',
              observation: await this.#take(observation, payload, beforeDelivery),
            }
          : { status: 'refused', cause: 'full', reason: full }
      } catch (error) {
        return this.#refusal(error)
      }
    })
  }

  /** The oldest queued items of a lane, at most `most`, that `isDue` lets through. */
  oldest(
    lane: LaneName,
    most: number,
    isDue: (entry: SpoolEntry) => boolean = () => true
  ): readonly SpoolEntry[] {
    const found: SpoolEntry[] = []
    for (const entry of this.#queue[lane].values()) {
      if (found.length >= most) {
        break
      }
      if (isDue(entry)) {
        found.push(entry)
      }
    }
    return found
  }

  /** How many items wait in a lane, or in both. */
  waiting(lane?: LaneName): number {
    return lane === undefined
      ? this.#queue.events.size + this.#queue.media.size
      : this.#queue[lane].size
  }

  /**
   * Reads an item as the courier carries it, checking every byte. An item that cannot be read as it
   * was written is quarantined and answered with null; it stops nobody.
   */
  async load(entry: SpoolEntry): Promise<SpooledItem | null> {
    try {
      const { sidecar } = await readSidecar(this.#disk, this.paths.queue, entry.id)
      const payload = sidecar.bytes > 0 ? join(this.paths.queue, payloadName(entry.id)) : null
      if (payload !== null) {
        await this.#checkPayload(payload, sidecar)
      }
      return { observation: sidecar.observation, payload }
    } catch (error) {
      const reason = corruption(error)
      if (reason === null) {
        throw error
      }
      await this.#mutex.run(() => this.#quarantineItem(entry, reason))
      return null
    }
  }

  /** Removes delivered items. Their count is durable before the first of them is gone. */
  async settle(ids: readonly string[]): Promise<void> {
    await this.#leave(ids, 'delivered', 'queue')
  }

  /** Whether an item lies in the queue or among the dead letters. */
  has(id: string): boolean {
    return [this.#queue.events, this.#queue.media, this.#dead].some((entries) => entries.has(id))
  }

  /**
   * Makes a queued item a dead letter: visible, retryable, and no longer in anybody's way. One that
   * was evicted meanwhile stays evicted.
   */
  bury(id: string, death: Omit<Death, 'died_at'>): Promise<void> {
    return this.#mutex.run(async () => {
      if (!this.has(id)) {
        return
      }
      const died: Death = { ...death, died_at: new Date(this.#clock.now()).toISOString() }
      const entry = await this.#move(id, this.paths.queue, this.paths.dead, died)
      this.#forget(id)
      this.#place(this.#dead, entry)
    })
  }

  /** Dead letters, oldest first. */
  dead(): readonly SpoolEntry[] {
    return [...this.#dead.values()].sort((one, other) => one.seq - other.seq)
  }

  /** Puts a dead letter back into the queue. Throws E_UNKNOWN_ITEM. */
  retry(id: string): Promise<void> {
    return this.#mutex.run(async () => {
      this.#assertDead(id)
      const entry = await this.#move(id, this.paths.dead, this.paths.queue, null)
      this.#forget(id)
      this.#place(this.#queue[laneOf(entry.kind)], entry)
    })
  }

  /**
   * Removes dead letters for good; they count as evicted, and the server is told, under the policy in
   * force. Throws E_UNKNOWN_ITEM.
   */
  async purge(ids: readonly string[], policyVersion: number): Promise<void> {
    ids.forEach((id) => this.#assertDead(id))
    const frame = {
      utc_offset_minutes: utcOffsetMinutes(this.#clock.now()),
      policy_version: policyVersion,
    }
    for (const id of ids) {
      await this.#mutex.run(async () => {
        const entry = this.#dead.get(id)
        if (entry !== undefined) {
          await this.#evict([entry], 'dropped', 'dead', frame)
        }
      })
    }
  }

  /** Since when each kind could not be recorded, as it was kept last. */
  get openGaps(): LedgerEntry['gaps'] {
    return this.#ledger.entry.gaps
  }

  /** Makes durable since when each kind cannot be recorded; a full disk has room for it. */
  keepGaps(gaps: LedgerEntry['gaps']): Promise<void> {
    return this.#mutex.run(() => this.#ledger.write({ gaps }))
  }

  /** Why media cannot be taken now, as a sentence, or null when there is room. */
  fullBecause(): string | null {
    const mayEvict = this.#evicts && this.#queue.media.size > 0
    return mayEvict ? null : this.#quota.fullBecause()
  }

  /** Looks at the disk anew, so that `fullBecause` says what holds now. */
  lookForRoom(): Promise<void> {
    return this.#mutex.run(async () => {
      await this.#quota.refuses('media', 0)
    })
  }

  /** Counters since the spool was made; they balance. */
  counters(): SpoolCounters {
    const { delivered, evicted } = this.#ledger.entry
    return {
      accepted: this.#seq,
      delivered,
      evicted,
      dead: this.#dead.size + this.#quarantined.size,
      queued: this.waiting(),
      spool_bytes: this.#quota.used,
      oldest_age_s: this.#oldestAgeSeconds(),
      seq: this.#seq,
    }
  }

  /** Waits for what is under way and gives the lock back. Nothing is lost by not calling it. */
  async close(): Promise<void> {
    await this.#mutex.run(async () => {
      this.#closed = true
      this.#unlock()
    })
  }

  /** Why there is no room for an item, after eviction where the site allows it, or null. */
  async #refuses(observation: Unnumbered, payload: Payload | undefined): Promise<string | null> {
    const lane = laneOf(observation.kind)
    const content = payload === undefined ? 0 : sizeOf(observation, payload)
    const bytes = JSON.stringify(observation).length + content + SIDECAR_REST
    const full = await this.#quota.refuses(lane, bytes)
    if (full === null || !this.#evicts) {
      return full
    }
    const victims = victimsOf(this.#queue.media.values())
    const evictable = victims.reduce((sum, { size }) => sum + size, 0)
    if (!(await this.#quota.wouldTake(bytes, evictable))) {
      return full
    }
    for (const victim of victims) {
      await this.#evict([victim], 'quota', 'queue', observation)
      if ((await this.#quota.refuses(lane, bytes)) === null) {
        return null
      }
    }
    return full
  }

  /** The tombstone is durable before the item is gone: better told twice than not at all. */
  async #evict(
    entries: readonly SpoolEntry[],
    cause: EvictionCause,
    folder: 'queue' | 'dead',
    frame: TombstoneFrame
  ): Promise<void> {
    for (const entry of entries) {
      const tombstone = tombstoneOf(entry, {
        id: this.ids.next(),
        captured_at: new Date(this.#clock.now()).toISOString(),
        utc_offset_minutes: frame.utc_offset_minutes,
        policy_version: frame.policy_version,
        cause,
      })
      await this.#take(tombstone, undefined)
    }
    const ids = entries.map(({ id }) => id)
    await this.#leaveNow(ids, 'evicted', folder)
    this.#logger.warn({ ids, cause }, 'items were given up')
  }

  /** Makes an item durable under the next number. */
  async #take(
    observation: Unnumbered,
    payload: Payload | undefined,
    beforeDelivery?: () => Promise<void>
  ): Promise<Observation> {
    const numbered = { ...observation, seq: this.#seq + 1 } as Observation
    const sidecar: Sidecar = {
      observation: numbered,
      ...contentOf(numbered, payload),
      death: null,
    }
    const encoded = encodeSidecar(sidecar)
    await this.#commit(entryOf(sidecar, encoded.byteLength), encoded, payload, beforeDelivery)
    return numbered
  }

  async #commit(
    entry: SpoolEntry,
    sidecar: Uint8Array,
    payload: Payload | undefined,
    beforeDelivery: (() => Promise<void>) | undefined
  ): Promise<void> {
    const { tmp, queue } = this.paths
    const files = [payloadName(entry.id), sidecarName(entry.id)] as const
    try {
      if (payload !== undefined) {
        await (isFile(payload)
          ? adopt(this.#disk, payload.path, join(queue, files[0]))
          : place(this.#disk, join(tmp, files[0]), join(queue, files[0]), payload))
        await this.#disk.syncFolder(queue)
      }
      await place(this.#disk, join(tmp, files[1]), join(queue, files[1]), sidecar)
      await this.#disk.syncFolder(queue)
    } catch (error) {
      await this.#undo(entry)
      throw error
    }
    await this.#prepare(entry, beforeDelivery)
    this.#enter(entry)
    if (isFile(payload)) {
      await this.#letGo(payload.path)
    }
  }

  /** What fails here concerns whoever asked for it: the item is accepted. */
  async #prepare(entry: SpoolEntry, work: (() => Promise<void>) | undefined): Promise<void> {
    try {
      await work?.()
    } catch (error) {
      const { message } = asError(error)
      this.#logger.error({ id: entry.id, error: message }, 'work before a delivery failed')
    }
  }

  /** The first name of a file that is in the spool now; whoever left it there removes one that stays. */
  async #letGo(path: string): Promise<void> {
    try {
      await this.#disk.remove(path)
    } catch (error) {
      this.#logger.warn({ path, error: asError(error).message }, 'a file has two names now')
    }
  }

  /** Why a file cannot be the payload of `observation`: missing, or not what it is said to be. */
  async #misfit(observation: Unnumbered, file: PayloadFile): Promise<PutOutcome | null> {
    try {
      const { bytes, sha256 } = described(observation)
      const found = (await this.#disk.sha256(file.path, bytes)) ?? 'no file'
      return found === sha256
        ? null
        : {
            status: 'refused',
            cause: 'disk',
            reason: `Expected the file ${sha256}, found ${found}`,
          }
    } catch (error) {
      return this.#refusal(error)
    }
  }

  /** An item that could not be made durable must not stay, or it counts: it would be delivered. */
  async #undo(entry: SpoolEntry): Promise<void> {
    try {
      await removePairInOrder(this.#disk, this.paths.queue, entry.id)
    } catch (error) {
      this.#logger.warn(
        { id: entry.id, error: asError(error).message },
        'a refused item stays in the spool'
      )
      this.#enter(entry)
    }
  }

  #enter(entry: SpoolEntry): void {
    this.#seq = entry.seq
    this.#place(this.#queue[laneOf(entry.kind)], entry)
  }

  #place(where: Map<string, SpoolEntry>, entry: SpoolEntry): void {
    this.#quota.add(entry.size)
    where.set(entry.id, entry)
  }

  #refusal(error: unknown): PutOutcome {
    const code = systemCode(error)
    if (code === null || error instanceof AgentError) {
      throw error
    }
    const reason = asError(error).message
    this.#logger.error({ code, reason }, 'the spool could not take an item')
    return { status: 'refused', cause: FULL.includes(code) ? 'full' : 'disk', reason }
  }

  async #checkPayload(path: string, sidecar: Sidecar): Promise<void> {
    const found = (await this.#disk.sha256(path, sidecar.bytes)) ?? 'no file'
    if (found !== sidecar.sha256) {
      throw new AgentError(
        'E_CORRUPT_ITEM',
        `Expected the payload ${sidecar.sha256}, found ${found}`
      )
    }
  }

  async #leave(ids: readonly string[], as: 'delivered' | 'evicted', folder: 'queue' | 'dead') {
    for (let from = 0; from < ids.length; from += MOST_REMOVING) {
      const some = ids.slice(from, from + MOST_REMOVING)
      await this.#mutex.run(() => this.#leaveNow(some, as, folder))
    }
  }

  /** What is no longer there has left before, as another of the ways out, and counts only once. */
  async #leaveNow(
    ids: readonly string[],
    as: 'delivered' | 'evicted',
    folder: 'queue' | 'dead'
  ): Promise<void> {
    await this.#finishLeaving()
    const removing = ids.filter((id) => this.has(id))
    if (removing.length > 0) {
      const count = this.#ledger.entry[as] + removing.length
      await this.#ledger.write({ [as]: count, removing, seq: this.#seq, lastId: this.ids.last })
      this.#leaving = removing
      removing.forEach((id) => this.#forget(id))
      await this.#remove(removing, removing.some((id) => this.#strays.has(id)) ? BOTH : [folder])
    }
    await this.#quota.refuses('media', 0)
  }

  /** A fault of the disk kept counted items from being removed: the ledger must name them until they are. */
  async #finishLeaving(): Promise<void> {
    if (this.#leaving.length > 0) {
      await this.#remove(this.#leaving, BOTH)
    }
  }

  async #remove(ids: readonly string[], folders: readonly ('queue' | 'dead')[]): Promise<void> {
    for (const folder of folders) {
      for (const id of ids) {
        await removePair(this.#disk, this.paths[folder], id)
      }
      await this.#disk.syncFolder(this.paths[folder])
    }
    ids.forEach((id) => this.#strays.delete(id))
    this.#leaving = []
  }

  /**
   * Moves an item by giving it a second place before the first is taken away. When the second stands,
   * the item has moved: a first place that a fault of the disk leaves there is a stray copy.
   */
  async #move(id: string, from: string, to: string, death: Death | null): Promise<SpoolEntry> {
    const { sidecar } = await readSidecar(this.#disk, from, id)
    const moved: Sidecar = { ...sidecar, death }
    const encoded = encodeSidecar(moved)
    this.#strays.add(id)
    await this.#copy(moved, encoded, from, to)
    try {
      await removePairInOrder(this.#disk, from, id)
      this.#strays.delete(id)
    } catch (error) {
      this.#logger.warn({ id, error: asError(error).message }, 'a copy of an item stays behind')
    }
    return entryOf(moved, encoded.byteLength)
  }

  async #copy(sidecar: Sidecar, encoded: Uint8Array, from: string, to: string): Promise<void> {
    const { id } = sidecar.observation
    if (sidecar.bytes > 0) {
      await this.#disk.remove(join(to, payloadName(id)))
      await this.#disk.link(join(from, payloadName(id)), join(to, payloadName(id)))
      await this.#disk.syncFolder(to)
    }
    const tmp = join(this.paths.tmp, sidecarName(id))
    await place(this.#disk, tmp, join(to, sidecarName(id)), encoded)
    await this.#disk.syncFolder(to)
  }

  async #quarantineItem(entry: SpoolEntry, reason: string): Promise<void> {
    const misfit = { folder: 'queue', name: sidecarName(entry.id), id: entry.id, reason } as const
    await quarantine(this.#disk, this.paths, misfit, this.#clock.now())
    this.#logger.error({ id: entry.id, reason }, 'an item is corrupt and was put aside')
    this.#forget(entry.id)
    this.#quarantined.add(entry.id)
  }

  #forget(id: string): void {
    for (const entries of [this.#queue.events, this.#queue.media, this.#dead]) {
      this.#quota.add(-(entries.get(id)?.size ?? 0))
      entries.delete(id)
    }
  }

  #oldestAgeSeconds(): number {
    const oldest = Object.values(this.#queue)
      .map((lane) => lane.values().next().value)
      .filter((entry) => entry !== undefined)
      .map((entry) => this.#clock.now() - Date.parse(entry.capturedAt))
    return Math.max(0, ...oldest) / 1000
  }

  #assertDead(id: string): void {
    if (!this.#dead.has(id)) {
      throw new AgentError('E_UNKNOWN_ITEM', `Expected the id of a dead letter, found "${id}"`)
    }
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new AgentError('E_SPOOL_CLOSED', 'Expected an open spool, found a closed one')
    }
  }
}

/**
 * Lets the numbers of a spool that was lost go on where the server's end: what is there under the
 * lower ones was delivered.
 */
async function continued(found: Recovered, atLeastSeq: number): Promise<Recovered> {
  const { ledger, seq } = found
  if (seq >= atLeastSeq) {
    return found
  }
  const delivered = ledger.entry.delivered + atLeastSeq - seq
  await ledger.write({ seq: atLeastSeq, delivered })
  return { ...found, seq: atLeastSeq }
}

function isFile(payload: Payload | undefined): payload is PayloadFile {
  return payload !== undefined && !(payload instanceof Uint8Array)
}

/** Size and digest of a payload: of bytes their own, of a file those that its description names. */
function contentOf(observation: Unnumbered, payload: Payload | undefined) {
  if (payload === undefined) {
    return { bytes: 0, sha256: null }
  }
  return isFile(payload)
    ? described(observation)
    : { bytes: payload.byteLength, sha256: hash('sha256', payload, 'hex') }
}

function sizeOf(observation: Unnumbered, payload: Payload): number {
  return isFile(payload) ? described(observation).bytes : payload.byteLength
}

function described(observation: Unnumbered): { bytes: number; sha256: string } {
  if (!('sha256' in observation && 'bytes' in observation)) {
    throw new TypeError(`A ${observation.kind} has no file`)
  }
  return { bytes: observation.bytes, sha256: observation.sha256 }
}

/** Errors that say that a file is not what was written, rather than that the machine is short of something. */
function corruption(error: unknown): string | null {
  const isCorrupt =
    (error instanceof AgentError && error.code === 'E_CORRUPT_ITEM') ||
    ['EFBIG', 'EACCES', 'EIO', 'ELOOP', 'EISDIR'].includes(systemCode(error) ?? '')
  return isCorrupt ? asError(error).message : null
}
