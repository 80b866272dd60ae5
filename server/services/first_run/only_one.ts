import { EXIT } from '#services/exit'
import { StartFailure } from '#services/first_run/failure'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

type Claim = { readonly pid: number; readonly url: string | null }

/**
 * Makes sure that one `node ace up` runs in this folder: two would share one database file and one
 * agent. Throws StartFailure with exit code 9. `say` notes the address for whoever comes second.
 */
export async function claim(root: string): Promise<{ say: (url: string) => Promise<void> }> {
  const file = join(root, 'storage/up.json')
  const other = await readClaim(file)
  if (other && other.pid !== process.pid && isRunning(other.pid)) {
    const place = other.url ? ` at ${other.url}` : ''
    throw new StartFailure(
      `WorkSight runs already in this folder${place} (process ${other.pid}). Stop it with Ctrl-C there, or: kill ${other.pid}`,
      EXIT.portTaken
    )
  }
  const say = (url: string | null) => writeFile(file, JSON.stringify({ pid: process.pid, url }))
  await say(null)
  return { say }
}

async function readClaim(file: string): Promise<Claim | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return null
  }
}

/** Whether that process is there and is one of ours; numbers are used again after a restart. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return (
      process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('ace')
    )
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
