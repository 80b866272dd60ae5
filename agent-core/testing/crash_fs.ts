import { hash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import type { Disk, DiskFile } from '../src/disk.ts'

/** Chance as the tests control it: a whole number from 0 to `below` - 1. */
export type Chance = (below: number) => number

type Inode = {
  /** What a reader sees. */
  data: Buffer
  /** What is on the platter. */
  durable: Buffer
}
/** One change of a name, not yet durable. `needs` must have reached the platter too, or it has not. */
type Change = { readonly name: string; readonly inode: Inode | null; readonly needs: Change | null }
type Folder = {
  readonly names: Map<string, Inode>
  readonly durable: Map<string, Inode>
  pending: Change[]
}

const SECTOR = 512

/** The power went away: no operation begins any more. */
export class PowerLoss extends Error {}

/**
 * A file system in memory that keeps its promises and nothing more: bytes that were not synced may
 * be missing, torn by sector or garbage after a power loss, and names that were not synced with
 * their folder may have changed or not, each by itself and in any order. A rename never loses both
 * of its names.
 */
export class CrashDisk implements Disk {
  readonly #folders = new Map<string, Folder>()
  /** Operations that can still begin; then the power is gone. */
  #left: number
  /** Changes of names and bytes that a power loss took away so far. */
  lost = 0

  constructor(operations = Infinity) {
    this.#left = operations
  }

  async makeFolder(path: string): Promise<void> {
    this.#begin()
    if (!this.#folders.has(path)) {
      this.#folders.set(path, { names: new Map(), durable: new Map(), pending: [] })
    }
  }

  async create(path: string): Promise<DiskFile> {
    this.#begin()
    const { folder, name } = this.#at(path)
    if (folder.names.has(name)) {
      throw coded('EEXIST', path)
    }
    const inode = { data: Buffer.alloc(0), durable: Buffer.alloc(0) }
    this.#change(folder, name, inode)
    return this.#file(inode)
  }

  async overwrite(path: string): Promise<DiskFile> {
    this.#begin()
    const { folder, name } = this.#at(path)
    const there = folder.names.get(name)
    const inode = there ?? { data: Buffer.alloc(0), durable: Buffer.alloc(0) }
    if (there === undefined) {
      this.#change(folder, name, inode)
    }
    return this.#file(inode)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#begin()
    const source = this.#at(from)
    const target = this.#at(to)
    const inode = source.folder.names.get(source.name)
    if (inode === undefined) {
      throw coded('ENOENT', from)
    }
    const arrived = this.#change(target.folder, target.name, inode)
    this.#change(source.folder, source.name, null, arrived)
  }

  async link(from: string, to: string): Promise<void> {
    this.#begin()
    const source = this.#at(from)
    const target = this.#at(to)
    const inode = source.folder.names.get(source.name)
    if (inode === undefined || target.folder.names.has(target.name)) {
      throw coded(inode === undefined ? 'ENOENT' : 'EEXIST', from)
    }
    this.#change(target.folder, target.name, inode)
  }

  async remove(path: string): Promise<void> {
    this.#begin()
    const { folder, name } = this.#at(path)
    if (folder.names.has(name)) {
      this.#change(folder, name, null)
    }
  }

  async syncFolder(path: string): Promise<void> {
    this.#begin()
    const folder = this.#folder(path)
    folder.pending.forEach((change) => apply(folder.durable, change))
    folder.pending = []
  }

  async list(path: string) {
    this.#begin()
    return [...this.#folder(path).names.keys()].map((name) => ({ name, kind: 'file' as const }))
  }

  async read(path: string, most: number): Promise<Uint8Array | null> {
    this.#begin()
    const folder = this.#folders.get(dirname(path))
    const inode = folder?.names.get(basename(path))
    if (inode !== undefined && inode.data.byteLength > most) {
      throw coded('EFBIG', path)
    }
    return inode === undefined ? null : Buffer.from(inode.data)
  }

  async sha256(path: string, most: number): Promise<string | null> {
    const bytes = await this.read(path, most)
    return bytes === null ? null : hash('sha256', bytes, 'hex')
  }

  async freeBytes(): Promise<number> {
    return 1e15
  }

  /** The machine starts again after a power loss: a disk with what the platter holds. */
  restarted(chance: Chance, operations = Infinity): CrashDisk {
    const after = new CrashDisk(operations)
    const survived = new Set<Change>()
    const settled = new Map<Inode, Inode>()
    for (const { pending } of this.#folders.values()) {
      pending.filter(() => chance(2) === 0).forEach((change) => survived.add(change))
    }
    for (const [path, folder] of this.#folders) {
      const names = new Map(folder.durable)
      for (const change of folder.pending) {
        const isThere = survived.has(change) && this.#hasArrived(change.needs, survived)
        after.lost += isThere ? 0 : 1
        if (isThere) {
          apply(names, change)
        }
      }
      const kept = new Map<string, Inode>()
      for (const [name, inode] of names) {
        const settledInode = settled.get(inode) ?? torn(inode, chance)
        settled.set(inode, settledInode)
        after.lost += settledInode.data.equals(inode.data) ? 0 : 1
        kept.set(name, settledInode)
      }
      after.#folders.set(path, { names: new Map(kept), durable: kept, pending: [] })
    }
    return after
  }

  /** A change that is no longer pending anywhere was synced. */
  #hasArrived(change: Change | null, survived: ReadonlySet<Change>): boolean {
    const isPending = [...this.#folders.values()].some(
      ({ pending }) => change !== null && pending.includes(change)
    )
    return change === null || !isPending || survived.has(change)
  }

  #change(folder: Folder, name: string, inode: Inode | null, needs: Change | null = null): Change {
    const change = { name, inode, needs }
    folder.pending.push(change)
    apply(folder.names, change)
    return change
  }

  #file(inode: Inode): DiskFile {
    return {
      write: async (data) => {
        this.#begin()
        const end = inode.data.subarray(Math.min(data.byteLength, inode.data.byteLength))
        inode.data = Buffer.concat([data, end])
      },
      sync: async () => {
        this.#begin()
        inode.durable = inode.data
      },
      close: async () => undefined,
    }
  }

  #at(path: string) {
    return { folder: this.#folder(dirname(path)), name: basename(path) }
  }

  #folder(path: string): Folder {
    const folder = this.#folders.get(path)
    if (folder === undefined) {
      throw coded('ENOENT', path)
    }
    return folder
  }

  #begin(): void {
    this.#left -= 1
    if (this.#left < 0) {
      throw new PowerLoss('The power is gone')
    }
  }
}

/** A disk whose files say that they are synced and are not: what a forgotten fsync does. */
export function withoutFileSync(disk: Disk): Disk {
  const careless = (file: DiskFile): DiskFile => ({ ...file, sync: async () => undefined })
  return {
    ...bound(disk),
    create: async (path) => careless(await disk.create(path)),
    overwrite: async (path) => careless(await disk.overwrite(path)),
  }
}

/** A disk whose folders say that they are synced and are not. */
export function withoutFolderSync(disk: Disk): Disk {
  return { ...bound(disk), syncFolder: async () => undefined }
}

function bound(disk: Disk): Disk {
  return {
    makeFolder: (path) => disk.makeFolder(path),
    create: (path) => disk.create(path),
    overwrite: (path) => disk.overwrite(path),
    rename: (from, to) => disk.rename(from, to),
    link: (from, to) => disk.link(from, to),
    remove: (path) => disk.remove(path),
    syncFolder: (path) => disk.syncFolder(path),
    list: (folder) => disk.list(folder),
    read: (path, most) => disk.read(path, most),
    sha256: (path, most) => disk.sha256(path, most),
    freeBytes: (folder) => disk.freeBytes(folder),
  }
}

function apply(names: Map<string, Inode>, { name, inode }: Change): void {
  if (inode === null) {
    names.delete(name)
  } else {
    names.set(name, inode)
  }
}

/** What is left of bytes that were not synced: each sector is old, new, zero, or the end is missing. */
function torn({ data, durable }: Inode, chance: Chance): Inode {
  if (data.equals(durable)) {
    return { data, durable: data }
  }
  const length = [data.byteLength, durable.byteLength, chance(data.byteLength + 1)][chance(3)] ?? 0
  const left = Buffer.alloc(length)
  for (let from = 0; from < length; from += SECTOR) {
    const source = [data, durable, Buffer.alloc(0)][chance(3)] ?? data
    left.set(source.subarray(from, Math.min(from + SECTOR, length)), from)
  }
  return { data: left, durable: left }
}

function coded(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
