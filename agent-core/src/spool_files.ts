import { join } from 'node:path'
import type { Disk } from './disk.ts'

/** The names inside a spool. */
export type SpoolPaths = {
  readonly root: string
  readonly tmp: string
  readonly queue: string
  readonly dead: string
  readonly quarantine: string
}

export function spoolPaths(root: string): SpoolPaths {
  return {
    root,
    tmp: join(root, 'tmp'),
    queue: join(root, 'queue'),
    dead: join(root, 'dead'),
    quarantine: join(root, 'quarantine'),
  }
}

export const sidecarName = (id: string) => `${id}.json`
export const payloadName = (id: string) => `${id}.bin`

/**
 * Writes a file under its final name so that it is there whole or not at all: exclusively in `tmp`,
 * synced, then renamed. The name is durable after the folder it went to is synced.
 */
export async function place(
  disk: Disk,
  tmp: string,
  target: string,
  bytes: Uint8Array
): Promise<void> {
  try {
    const file = await disk.create(tmp)
    try {
      await file.write(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.rename(tmp, target)
  } catch (error) {
    await disk.remove(tmp)
    throw error
  }
}

/**
 * Gives a finished file of somebody else a name in the spool. The file keeps its first name, so that
 * nothing is lost before the item counts. The new name is durable after its folder is synced.
 */
export async function adopt(disk: Disk, path: string, target: string): Promise<void> {
  const file = await disk.overwrite(path)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.link(path, target)
}

/** Removes an item's two files: the sidecar first, because it is what makes the item one. */
export async function removePair(disk: Disk, folder: string, id: string): Promise<void> {
  await disk.remove(join(folder, sidecarName(id)))
  await disk.remove(join(folder, payloadName(id)))
}

/**
 * The same for an item that no ledger names as leaving: after a power loss between the two, a
 * sidecar without its payload would look like a corrupt item.
 */
export async function removePairInOrder(disk: Disk, folder: string, id: string): Promise<void> {
  await disk.remove(join(folder, sidecarName(id)))
  await disk.syncFolder(folder)
  await disk.remove(join(folder, payloadName(id)))
  await disk.syncFolder(folder)
}
