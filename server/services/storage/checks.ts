import type { CheckStep, DiskName } from '#services/storage/disk'
import { DiskError } from '#services/storage/disk'
import { diskOf } from '#services/storage/disks'

/** The steps of a disk's own check, up to the first that fails; a disk that is not set up fails the first. */
export async function checkDisk(name: DiskName): Promise<CheckStep[]> {
  try {
    return await Array.fromAsync((await diskOf(name)).check())
  } catch (error) {
    if (!(error instanceof DiskError)) {
      throw error
    }
    return [{ step: 'settings', isOk: false, sentence: `${error.message}.` }]
  }
}
