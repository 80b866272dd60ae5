import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from './errors.ts'
import type { Payload } from './plugin.ts'

/** How long and how much of what was captured a machine keeps for its own person. */
export type LocalCopies = {
  /** Folder in the data folder: `screenshots`, `videos`. */
  readonly folder: string
  /** Days that a copy stays; 0 keeps none. */
  readonly days: number
  /** Bytes that all copies may take; the oldest go first. */
  readonly bytes: number
}

/** A copy that is too old or too much, and why. */
export type SurplusCopy = {
  readonly path: string
  readonly bytes: number
  readonly because: 'age' | 'size'
}

const DAY_MS = 86_400_000

/** Keeps a copy under `name`, readable by this user alone. Does nothing where none are kept. */
export async function keepLocalCopy(
  dataDir: string,
  copies: LocalCopies,
  name: string,
  payload: Payload
): Promise<void> {
  if (copies.days === 0) {
    return
  }
  const folder = join(dataDir, copies.folder)
  const partial = join(folder, `.${name}.partial`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (payload instanceof Uint8Array) {
    await writeFile(partial, payload, { mode: 0o600 })
  } else {
    await copyFile(payload.path, partial)
  }
  await rename(partial, join(folder, name))
}

/**
 * What of the local copies is older than its days, or beyond its bytes, at `now` (milliseconds since
 * 1970). Changes nothing; a folder that is not there has no surplus.
 */
export async function surplusCopies(
  dataDir: string,
  all: readonly LocalCopies[],
  now: number
): Promise<readonly SurplusCopy[]> {
  const surplus = await Promise.all(all.map((copies) => surplusOf(dataDir, copies, now)))
  return surplus.flat()
}

/**
 * Removes what `surplusCopies` finds, or with `dryRun` only says what it would remove. What is not
 * there any more is fine.
 */
export async function cleanUpCopies(
  dataDir: string,
  all: readonly LocalCopies[],
  now: number,
  options: { readonly dryRun?: boolean } = {}
): Promise<readonly SurplusCopy[]> {
  const surplus = await surplusCopies(dataDir, all, now)
  if (options.dryRun !== true) {
    await Promise.all(surplus.map(({ path }) => rm(path, { force: true })))
  }
  return surplus
}

async function surplusOf(
  dataDir: string,
  { folder, days, bytes }: LocalCopies,
  now: number
): Promise<SurplusCopy[]> {
  const files = await filesOf(join(dataDir, folder))
  let left = bytes
  return files.flatMap(({ path, size, at }) => {
    const isOld = now - at > days * DAY_MS
    left -= isOld ? 0 : size
    return isOld || left < 0
      ? [{ path, bytes: size, because: isOld ? ('age' as const) : ('size' as const) }]
      : []
  })
}

/** Newest first. */
async function filesOf(folder: string) {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') {
      return []
    }
    throw error
  })
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const found = await stat(path).catch(() => null)
      return found?.isFile() ? [{ path, size: found.size, at: found.mtimeMs }] : []
    })
  )
  return files.flat().sort((one, other) => other.at - one.at)
}
