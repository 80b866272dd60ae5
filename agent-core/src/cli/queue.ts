import { join } from 'node:path'
import type { Command } from 'commander'
import { askAgent } from '../control.ts'
import { defineSite } from '../define_site.ts'
import { nodeDisk } from '../disk.ts'
import { AgentError } from '../errors.ts'
import { dropItems } from '../drop.ts'
import { AgentRuntime } from '../runtime.ts'
import { Spool } from '../spool.ts'
import { payloadName, spoolPaths } from '../spool_files.ts'
import { readSidecar, type SpoolEntry } from '../spool_scan.ts'
import { durationMs } from '../trust/duration.ts'
import type { Context } from './context.ts'
import { columns, size } from './output.ts'
import type { Does } from './program.ts'

type DropFlags = { readonly all?: boolean; readonly older?: string }

/** Longest that `queue flush` may be told to wait for the server, in seconds. */
const MOST_FLUSH_SECONDS = 3600
const UNREACHABLE = 5

/** `queue list/show/flush/drop`: what waits for the server. */
export function queueCommands(program: Command, does: Does): void {
  const queue = program.command('queue').description('what waits for the server')
  queue
    .command('list', { isDefault: true })
    .description('lists it')
    .option('--older <duration>', 'only what waits at least so long: 30m, 2h')
    .action(does((context, { older }: DropFlags) => listQueue(context, older)))
  queue
    .command('show <id>')
    .description('one item in full')
    .action(does((context, id: string) => showQueued(context, id)))
  queue
    .command('flush')
    .description('tries at once to bring all of it')
    .option('--seconds <seconds>', 'longest that it tries', '60')
    .action(
      does((context, { seconds }: { seconds: string }) => flushQueue(context, Number(seconds)))
    )
  queue
    .command('drop [ids...]')
    .description('gives items up for good; the server is told that they are missing')
    .option('--all', 'all of them')
    .option('--older <duration>', 'those that wait at least so long: 30m, 2h')
    .action(does((context, ids: string[], flags: DropFlags) => dropQueued(context, ids, flags)))
}

/** `queue list`. Changes nothing. */
async function listQueue(context: Context, older: string | undefined): Promise<number> {
  const rows = (await queued(context, older)).map(({ id, seq, kind, capturedAt, size: bytes }) => ({
    id,
    seq,
    kind,
    captured_at: capturedAt,
    bytes,
  }))
  const text = columns(
    rows.map((row) => [String(row.seq), row.kind, row.captured_at, size(row.bytes), row.id])
  )
  context.out.data(rows.length === 0 ? 'Nothing waits.' : text, rows)
  return 0
}

/** `queue show ID`: the description word for word, and where its bytes lie. */
async function showQueued(context: Context, id: string): Promise<number> {
  const [entry] = await find(context, [id])
  const { queue } = spoolPaths(context.spoolDir)
  const { sidecar } = await readSidecar(nodeDisk, queue, id)
  const payload = (entry?.bytes ?? 0) > 0 ? join(queue, payloadName(id)) : null
  const shown = { ...sidecar, payload }
  context.out.data(JSON.stringify(shown, null, 2), shown)
  return 0
}

/** `queue flush`: by the running agent, or without one by this command, which then captures nothing. */
async function flushQueue(context: Context, seconds: number): Promise<number> {
  if (!(seconds > 0 && seconds <= MOST_FLUSH_SECONDS)) {
    throw new AgentError(
      'E_MISSING_ANSWER',
      `Expected --seconds from 1 to ${MOST_FLUSH_SECONDS}, found "${seconds}"`
    )
  }
  const asked = await askAgent(context.dataDir, { verb: 'flush', seconds }, (seconds + 5) * 1000)
  if (asked === null) {
    await flushAlone(context, seconds)
  }
  const waiting = (await context.readSpool()).scan.queue.length
  context.out.data(waiting === 0 ? 'Nothing waits any more.' : `${waiting} still wait.`, {
    waiting,
  })
  return waiting === 0 ? 0 : UNREACHABLE
}

async function flushAlone(context: Context, seconds: number): Promise<void> {
  const { name, allowInsecureHttp, spool } = await context.site()
  const site = defineSite({ name, plugins: [], allowInsecureHttp, spool })
  const runtime = new AgentRuntime({ site, dataDir: context.dataDir, once: true })
  try {
    await runtime.start()
    await runtime.flush(AbortSignal.timeout(seconds * 1000))
  } finally {
    await runtime.stop()
  }
}

/** `queue drop [ID…]`, after a yes. */
async function dropQueued(
  context: Context,
  ids: readonly string[],
  flags: DropFlags
): Promise<number> {
  if (ids.length === 0 && flags.all !== true && flags.older === undefined) {
    throw new AgentError(
      'E_MISSING_ANSWER',
      'Expected the ids of queued items, --older or --all, found none'
    )
  }
  const entries = ids.length > 0 ? await find(context, ids) : await queued(context, flags.older)
  const isSure =
    entries.length === 0 || (await context.confirm(`Give up ${entries.length} items for good?`))
  const dropped = isSure ? entries.map(({ id }) => id) : []
  if ((await askAgent(context.dataDir, { verb: 'drop', ids: dropped }, 60_000)) === null) {
    await dropAlone(context, dropped)
  }
  context.out.data(`${dropped.length} given up.`, { dropped })
  return 0
}

async function dropAlone(context: Context, ids: readonly string[]): Promise<void> {
  const spool = await Spool.open(context.spoolDir)
  try {
    await dropItems(spool, ids, context.policyOf(await context.site()).policy.version)
  } finally {
    await spool.close()
  }
}

async function queued(context: Context, older?: string): Promise<readonly SpoolEntry[]> {
  const before = older === undefined ? Infinity : Date.now() - durationMs(older)
  const { queue } = (await context.readSpool()).scan
  return queue.filter(({ capturedAt }) => Date.parse(capturedAt) <= before)
}

async function find(context: Context, ids: readonly string[]): Promise<readonly SpoolEntry[]> {
  const { queue } = (await context.readSpool()).scan
  return ids.map((id) => {
    const entry = queue.find((candidate) => candidate.id === id)
    if (entry === undefined) {
      throw new AgentError('E_UNKNOWN_ITEM', `Expected the id of a queued item, found "${id}"`)
    }
    return entry
  })
}
