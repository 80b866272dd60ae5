import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FILLER = 'filler'

/** A real disk of its own, a tmpfs, that can be filled up. Linux, and the right to mount. */
export class SmallDisk {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Why there can be none on this machine, as a sentence, or null. */
  static impossible(): string | null {
    try {
      SmallDisk.make(1).remove()
      return null
    } catch (error) {
      return String((error as { stderr?: Buffer }).stderr ?? error).trim()
    }
  }

  static make(megabytes: number): SmallDisk {
    const path = mkdtempSync(join(tmpdir(), 'worksight-disk-'))
    try {
      const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path]
      execFileSync('mount', options, { stdio: 'pipe' })
      return new SmallDisk(path)
    } catch (error) {
      rmSync(path, { recursive: true, force: true })
      throw error
    }
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path)
    return bavail * bsize
  }

  /** Takes every byte that is free. */
  fill(): void {
    writeFileSync(join(this.path, FILLER), Buffer.alloc(this.freeBytes))
  }

  /** Gives them back. */
  empty(): void {
    rmSync(join(this.path, FILLER), { force: true })
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.path], { stdio: 'pipe' })
    rmSync(this.path, { recursive: true, force: true })
  }
}
