import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { systemCode } from '../errors.ts'
import { isLockStale, leftDrafts, spoolHolder } from '../spool_lock.ts'
import type { Context } from './context.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/**
 * `doctor --fix`: puts right what cannot make anything worse, and answers what it did, a sentence each.
 * Missing folders are made, what others could read is closed to them, and, where no agent runs, what
 * crashes left and a stale lock go. Items, dead letters and settings are never touched.
 */
export async function putRight(context: Context): Promise<readonly string[]> {
  const { dataDir, spoolDir, logDir } = context
  const folders = [dataDir, logDir, spoolDir]
  const made = await Promise.all(folders.map(make))
  const files = (await readdir(dataDir)).map((name) => join(dataDir, name))
  const closed = await Promise.all([...new Set([...folders, ...files])].map(close))
  const swept = spoolHolder(spoolDir) === null ? await sweep(context) : []
  return [...made, ...closed, ...swept].filter((line) => line !== null)
}

async function make(folder: string): Promise<string | null> {
  const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
  return first === undefined ? null : `made ${folder}`
}

/** Links are left alone: what they lead to may be meant for others. */
async function close(path: string): Promise<string | null> {
  if (process.platform === 'win32') {
    return null // a user's folders are kept from others by inheritance
  }
  const stats = await lstat(path).catch(orGone)
  if (stats === null || !(stats.isFile() || stats.isDirectory()) || (stats.mode & 0o077) === 0) {
    return null
  }
  const mode = stats.isDirectory() ? FOLDER_MODE : FILE_MODE
  await chmod(path, mode)
  return `${path} is closed to others (${mode.toString(8)})`
}

async function sweep(context: Context): Promise<readonly string[]> {
  const { spoolDir } = context
  const { scan } = await context.readSpool()
  const drafts = leftDrafts(spoolDir).map((name) => join(spoolDir, name))
  const lock = join(spoolDir, 'lock')
  const stale = isLockStale(spoolDir) ? [lock] : []
  const left = [...scan.garbage, ...drafts, ...stale]
  await Promise.all(left.map((path) => rm(path, { force: true })))
  return left.map((path) => `removed ${basename(path)}, which a crash left`)
}

function orGone(error: unknown): null {
  if (systemCode(error) === 'ENOENT') {
    return null
  }
  throw error
}
