import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Spool, type SpoolOptions } from '../src/spool.ts'

/** A folder of its own that is gone after `remove`. */
export async function temporaryFolder(): Promise<{
  readonly path: string
  remove(): Promise<void>
}> {
  const path = await mkdtemp(join(tmpdir(), 'worksight-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A spool in a folder of its own, without a limit, so that a full disk of the machine fails no spec. */
export async function temporarySpool(
  options: SpoolOptions = {}
): Promise<{ readonly spool: Spool; readonly folder: string; remove(): Promise<void> }> {
  const { path, remove } = await temporaryFolder()
  const spool = await Spool.open(path, { quota: { minFreeBytes: 0, maxBytes: 1e12 }, ...options })
  return {
    spool,
    folder: path,
    async remove() {
      await spool.close()
      await remove()
    },
  }
}
