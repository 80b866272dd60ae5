import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, mkdir, open, readdir, rename, statfs, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from './errors.ts'

/** A file that is being written. Nothing of it is durable before `sync` resolves. */
export interface DiskFile {
  write(data: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** One name in a folder; `other` is whatever is not a plain file: a link, a pipe, a folder. */
export type DiskEntry = { readonly name: string; readonly kind: 'file' | 'other' }

/**
 * The few things the spool asks of a file system, each with its real durability: a rename, link or
 * unlink is durable only after `syncFolder`, bytes only after `sync`. The spec's file system, which
 * loses what was not synced, stands in the same place.
 */
export interface Disk {
  /** Makes a folder (0700) with its parents, durably; one that is there is fine. */
  makeFolder(path: string): Promise<void>
  /** Creates a new file (0600); fails with EEXIST when the name is taken. */
  create(path: string): Promise<DiskFile>
  /** Opens a file for writing from its first byte, keeping what it holds; creates it (0600) if missing. */
  overwrite(path: string): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  /** Gives a file a second name. */
  link(from: string, to: string): Promise<void>
  /** Removes a name; a name that is not there is fine. */
  remove(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
  list(folder: string): Promise<readonly DiskEntry[]>
  /** The bytes of a plain file; null when there is none; EFBIG when there are more than `most`. */
  read(path: string, most: number): Promise<Uint8Array | null>
  /** SHA-256 of a plain file in hexadecimal, read piece by piece; null and EFBIG as `read`. */
  sha256(path: string, most: number): Promise<string | null>
  /** Bytes that this user may still write on the disk that holds `folder`. */
  freeBytes(folder: string): Promise<number>
}

/** A link is not followed, and a pipe does not hang whoever opens it. Windows has neither. */
const NO_SURPRISE = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** The machine's own disk. */
export const nodeDisk: Disk = {
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 })
    for (let made = path; first !== undefined; made = dirname(made)) {
      await nodeDisk.syncFolder(dirname(made))
      if (made === first || made === dirname(made)) {
        break
      }
    }
  },

  async create(path) {
    return diskFile(await open(path, 'wx', 0o600))
  },

  async overwrite(path) {
    return diskFile(await open(path, constants.O_WRONLY | constants.O_CREAT | NO_SURPRISE, 0o600))
  },

  rename,

  link,

  async remove(path) {
    try {
      await unlink(path)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') {
        throw error
      }
    }
  },

  async syncFolder(path) {
    if (process.platform === 'win32') {
      return // a folder cannot be opened there; NTFS journals names by itself
    }
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },

  async list(folder) {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.map((entry) => ({ name: entry.name, kind: entry.isFile() ? 'file' : 'other' }))
  },

  async read(path, most) {
    const pieces: Buffer[] = []
    const isThere = await readTwice(path, most, () => {
      pieces.length = 0
      return (piece) => pieces.push(Buffer.from(piece))
    })
    return isThere ? Buffer.concat(pieces) : null
  },

  async sha256(path, most) {
    let digest = createHash('sha256')
    const isThere = await readTwice(path, most, () => {
      digest = createHash('sha256')
      return (piece) => digest.update(piece)
    })
    return isThere ? digest.digest('hex') : null
  },

  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
}

const PIECE_BYTES = 256 * 1024

/** A cable or a network drive may stumble once; a bad sector stays bad. */
async function readTwice(
  path: string,
  most: number,
  begin: () => (piece: Buffer) => void
): Promise<boolean> {
  try {
    return await readPlain(path, most, begin())
  } catch (error) {
    if (systemCode(error) === 'EIO') {
      return readPlain(path, most, begin())
    }
    throw error
  }
}

/** Hands on the bytes of a plain file; answers whether there is one. */
async function readPlain(
  path: string,
  most: number,
  take: (piece: Buffer) => void
): Promise<boolean> {
  try {
    const found = await lstat(path)
    if (!found.isFile()) {
      throw coded('ELOOP', 'Expected a plain file, found something else')
    }
    if (found.size > most) {
      throw coded('EFBIG', `Expected at most ${most} bytes, found ${found.size}`)
    }
    const file = await open(path, constants.O_RDONLY | NO_SURPRISE)
    try {
      const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, found.size + 1))
      for (let position = 0; ; ) {
        const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position)
        if (bytesRead === 0) {
          return true
        }
        position += bytesRead
        take(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return false
    }
    throw error
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

function diskFile(handle: Awaited<ReturnType<typeof open>>): DiskFile {
  return {
    async write(data) {
      let written = 0
      while (written < data.byteLength) {
        const { bytesWritten } = await handle.write(
          data,
          written,
          data.byteLength - written,
          written
        )
        written += bytesWritten
      }
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}
