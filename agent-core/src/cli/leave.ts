import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { AUTHORITY_FILE } from '../authority.ts'
import { AgentError, systemCode } from '../errors.ts'
import { surplusCopies } from '../local_copies.ts'
import { LOG_FILES } from '../logger.ts'
import { spoolHolder } from '../spool_lock.ts'
import type { Context } from './context.ts'
import { size } from './output.ts'
import type { Does } from './program.ts'

type UnenrolFlags = { readonly keepSpool?: boolean }
type CleanupFlags = { readonly dryRun?: boolean }
type Leftover = { readonly path: string; readonly bytes: number }

/** Log files that were turned over and are older than this are left-overs, in milliseconds. */
const OLD_LOG_MS = 7 * 86_400_000

/** `unenrol` and `cleanup`: what is removed from this disk. */
export function leaveCommands(program: Command, does: Does): void {
  program
    .command('unenrol')
    .description('removes the identity of this machine, and what waits in the spool')
    .option('--keep-spool', 'what waits stays, for the next enrolment')
    .action(does((context, flags: UnenrolFlags) => unenrol(context, flags)))
  program
    .command('cleanup')
    .description('removes what crashes left in the spool, old logs and surplus local copies')
    .option('--dry-run', 'only says what it would remove')
    .action(does((context, flags: CleanupFlags) => cleanup(context, flags)))
}

async function unenrol(context: Context, flags: UnenrolFlags): Promise<number> {
  assertStopped(context)
  const identity = context.identities.identity()
  if (identity === null) {
    throw new AgentError('E_NOT_ENROLLED', `Expected an identity in ${context.dataDir}, found none`)
  }
  const { scan } = await context.readSpool()
  const items = flags.keepSpool === true ? 0 : scan.queue.length + scan.dead.length
  const lost = items === 0 ? '' : ` ${items} items that the server does not have are lost.`
  if (!(await context.confirm(`Remove the identity of ${identity.name}?${lost}`))) {
    return 0
  }
  await rm(context.identities.path, { force: true })
  for (const name of ['policy.json', AUTHORITY_FILE]) {
    await rm(join(context.dataDir, name), { force: true })
  }
  if (flags.keepSpool !== true) {
    await rm(context.spoolDir, { recursive: true, force: true })
  }
  context.out.data(`${identity.name} is not enrolled any more; ${items} items removed.`, {
    name: identity.name,
    removed: items,
    kept: flags.keepSpool === true ? scan.queue.length + scan.dead.length : 0,
  })
  return 0
}

async function cleanup(context: Context, { dryRun }: CleanupFlags): Promise<number> {
  const { scan } = await context.readSpool()
  const { plugins } = await context.site()
  const kept = plugins.flatMap(({ localCopies }) =>
    localCopies === undefined ? [] : [localCopies]
  )
  const copies = await surplusCopies(context.dataDir, kept, Date.now())
  const paths = [
    ...scan.garbage,
    ...(await oldLogs(context.logDir)),
    ...copies.map(({ path }) => path),
  ]
  const found = (await Promise.all(paths.map(leftover))).filter((entry) => entry !== null)
  if (dryRun !== true && found.length > 0) {
    assertStopped(context)
    await Promise.all(found.map(({ path }) => rm(path, { force: true })))
  }
  const bytes = found.reduce((sum, entry) => sum + entry.bytes, 0)
  const verb = dryRun === true ? 'would be removed' : 'removed'
  context.out.data(
    [...found.map(({ path }) => path), `${found.length} files ${verb}, ${size(bytes)}`].join('\n'),
    { removed: dryRun !== true, bytes, files: found }
  )
  return 0
}

/** A running agent has its files under its own hands. */
function assertStopped(context: Context): void {
  const pid = spoolHolder(context.spoolDir)
  if (pid !== null) {
    throw new AgentError('E_ALREADY_RUNNING', `Expected no agent to run, found process ${pid}`)
  }
}

async function oldLogs(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    const turned = names.filter((name) => name.endsWith(`-${LOG_FILES.name}`))
    const aged = await Promise.all(
      turned.map(async (name) => {
        const path = join(folder, name)
        return { path, age: Date.now() - (await stat(path)).mtimeMs }
      })
    )
    return aged.filter(({ age }) => age > OLD_LOG_MS).map(({ path }) => path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return []
    }
    throw error
  }
}

async function leftover(path: string): Promise<Leftover | null> {
  try {
    return { path, bytes: (await stat(path)).size }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return null
    }
    throw error
  }
}
