import { askAgent } from '../control.ts'
import { nodeDisk } from '../disk.ts'
import { AgentError } from '../errors.ts'
import { Spool } from '../spool.ts'
import { spoolPaths } from '../spool_files.ts'
import { readSidecar, type SpoolEntry } from '../spool_scan.ts'
import type { Context } from './context.ts'
import { columns } from './output.ts'

export type DeadFlags = { readonly all?: boolean }

/** `dead list`: what the server does not take, and why. Changes nothing. */
export async function listDead(context: Context): Promise<number> {
  const { dead, quarantined } = (await context.readSpool()).scan
  const rows = dead.map(({ id, seq, kind, capturedAt, death }) => ({
    id,
    seq,
    kind,
    captured_at: capturedAt,
    ...death,
  }))
  const text = [
    columns(
      rows.map((row) => [
        String(row.seq),
        row.kind,
        row.captured_at,
        row.code ?? '',
        row.id,
        row.reason ?? '',
      ])
    ),
    ...quarantined.map((id) => `${id}  corrupt on disk; see the quarantine folder of the spool`),
  ].join('\n')
  context.out.data(rows.length + quarantined.length === 0 ? 'No dead letters.' : text, {
    dead: rows,
    quarantined,
  })
  return 0
}

/** `dead show ID`: the whole description of one dead letter. */
export async function showDead(context: Context, id: string): Promise<number> {
  await find(context, [id])
  const { sidecar } = await readSidecar(nodeDisk, spoolPaths(context.spoolDir).dead, id)
  context.out.data(JSON.stringify(sidecar, null, 2), sidecar)
  return 0
}

/** `dead retry [ID…]`: puts dead letters back into the queue. */
export async function retryDead(
  context: Context,
  ids: readonly string[],
  flags: DeadFlags
): Promise<number> {
  return change(context, 'retry', await chosen(context, ids, flags))
}

/** `dead purge [ID…]`: removes dead letters for good, after a yes. */
export async function purgeDead(
  context: Context,
  ids: readonly string[],
  flags: DeadFlags
): Promise<number> {
  const entries = await chosen(context, ids, flags)
  const isSure =
    entries.length === 0 || (await context.confirm(`Remove ${entries.length} items for good?`))
  return isSure ? change(context, 'purge', entries) : 0
}

async function change(
  context: Context,
  verb: 'retry' | 'purge',
  entries: readonly SpoolEntry[]
): Promise<number> {
  const ids = entries.map(({ id }) => id)
  if ((await askAgent(context.dataDir, { verb, ids })) === null) {
    await changeAlone(context, verb, ids)
  }
  const done = verb === 'retry' ? 'back in the queue' : 'removed'
  context.out.data(`${ids.length} ${done}.`, { [verb]: ids })
  return 0
}

async function changeAlone(
  context: Context,
  verb: 'retry' | 'purge',
  ids: readonly string[]
): Promise<void> {
  const spool = await Spool.open(context.spoolDir)
  try {
    if (verb === 'purge') {
      await spool.purge(ids, context.policyOf(await context.site()).policy.version)
      return
    }
    for (const id of ids) {
      await spool.retry(id)
    }
  } finally {
    await spool.close()
  }
}

async function chosen(
  context: Context,
  ids: readonly string[],
  flags: DeadFlags
): Promise<readonly SpoolEntry[]> {
  if (flags.all === true) {
    return (await context.readSpool()).scan.dead
  }
  if (ids.length === 0) {
    throw new AgentError(
      'E_MISSING_ANSWER',
      'Expected the ids of dead letters or --all, found neither'
    )
  }
  return find(context, ids)
}

async function find(context: Context, ids: readonly string[]): Promise<readonly SpoolEntry[]> {
  const { dead } = (await context.readSpool()).scan
  return ids.map((id) => {
    const entry = dead.find((candidate) => candidate.id === id)
    if (entry === undefined) {
      throw new AgentError('E_UNKNOWN_ITEM', `Expected the id of a dead letter, found "${id}"`)
    }
    return entry
  })
}
