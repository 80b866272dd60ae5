import { basename, dirname, join } from 'node:path'
import type { Disk, DiskFile } from '../src/disk.ts'

/**
 * A disk that tells of every change after it happened, as `rename queue/*.json` or
 * `write ledger.a`: the operation, the folder and the role of the file, without ids. What
 * `happened` throws is thrown by the operation.
 */
export function watchedDisk(disk: Disk, happened: (step: string) => void): Disk {
  const then = async <Result>(step: string, work: Promise<Result>): Promise<Result> => {
    const result = await work
    happened(step)
    return result
  }
  const file = (path: string, inner: DiskFile): DiskFile => ({
    write: (data) => then(`write ${roleOf(path)}`, inner.write(data)),
    sync: () => then(`sync ${roleOf(path)}`, inner.sync()),
    close: () => inner.close(),
  })
  return {
    ...disk,
    create: async (path) => file(path, await then(`create ${roleOf(path)}`, disk.create(path))),
    overwrite: async (path) => file(path, await then(`open ${roleOf(path)}`, disk.overwrite(path))),
    rename: (from, to) => then(`rename ${roleOf(to)}`, disk.rename(from, to)),
    link: (from, to) => then(`link ${roleOf(to)}`, disk.link(from, to)),
    remove: (path) => then(`remove ${roleOf(path)}`, disk.remove(path)),
    syncFolder: (path) => then(`sync ${basename(path)}`, disk.syncFolder(path)),
  }
}

function roleOf(path: string): string {
  const name = basename(path).replace(/^[0-9a-f]{8}-[0-9a-f-]{27}/, '*')
  return name.startsWith('*') ? join(basename(dirname(path)), name) : name
}
