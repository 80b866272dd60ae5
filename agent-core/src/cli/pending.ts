import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { askAgent } from '../control.ts'
import { AgentError } from '../errors.ts'
import { silentLogger } from '../logger.ts'
import { Review, type PendingItem } from '../trust/review.ts'
import type { Context } from './context.ts'
import { columns, size } from './output.ts'
import type { Does } from './program.ts'

type ShowFlags = { readonly out?: string }
type WithholdFlags = { readonly all?: boolean }

/** `pending list/show/withhold`: captures that wait on this machine, where they can be taken back. */
export function pendingCommand(program: Command, does: Does): void {
  const pending = program.command('pending').description('captures that wait for you')
  pending
    .command('list', { isDefault: true })
    .description('lists them')
    .action(
      does(async (context) => {
        const items = await readPending(context, async (review) => review.list())
        return list(context, items)
      })
    )
  pending
    .command('show <id>')
    .description('writes one into a file that you can look at')
    .option('--out <file>', 'the file')
    .action(does((context, id: string, flags: ShowFlags) => show(context, id, flags)))
  pending
    .command('withhold [ids...]')
    .description('takes captures back, for good')
    .option('--all', 'all that wait')
    .action(does((context, ids: string[], flags: WithholdFlags) => withhold(context, ids, flags)))
}

async function list(context: Context, items: readonly PendingItem[]): Promise<number> {
  const rows = items.map(({ observation: { id, kind, captured_at: at }, bytes }) => ({
    id,
    kind,
    captured_at: at,
    bytes,
  }))
  const text = columns(rows.map((row) => [row.captured_at, row.kind, size(row.bytes), row.id]))
  context.out.data(rows.length === 0 ? 'Nothing waits.' : text, { pending: rows })
  return 0
}

async function show(context: Context, id: string, { out }: ShowFlags): Promise<number> {
  const found = await readPending(context, async (review) => ({
    item: review.list().find(({ observation }) => observation.id === id),
    data: await review.payload(id),
  }))
  if (found.item === undefined || found.data === null) {
    throw unknown(id)
  }
  const { observation } = found.item
  const ending = 'media_type' in observation ? observation.media_type.split('/')[1] : 'bin'
  const path = out ?? `${id}.${ending}`
  await writeFile(path, found.data, { mode: 0o600, flag: 'wx' })
  context.out.data(path, { path, ...observation })
  return 0
}

async function withhold(
  context: Context,
  ids: readonly string[],
  { all }: WithholdFlags
): Promise<number> {
  const waiting = await readPending(context, async (review) => review.list())
  const chosen = all === true ? waiting.map(({ observation }) => observation.id) : ids
  if (all !== true && ids.length === 0) {
    throw new AgentError('E_MISSING_ANSWER', 'Expected ids of captures or --all, found neither')
  }
  const request = { ask: 'withhold', ids: chosen } as const
  if (chosen.length > 0 && (await askAgent(context.dataDir, { verb: 'trust', request })) === null) {
    await readPending(context, (review) => review.withhold(chosen))
  }
  context.out.data(`${chosen.length} taken back.`, { withheld: chosen })
  return 0
}

/** Opens what waits, without letting any of it go. */
async function readPending<Result>(
  context: Context,
  work: (review: Review) => Promise<Result>
): Promise<Result> {
  const { dataDir } = context
  const review = new Review({
    dataDir,
    clock: { now: () => systemClock.now(), after: () => () => {} },
    logger: silentLogger,
    release: async () => false,
  })
  await review.load()
  try {
    return await work(review)
  } finally {
    await review.close()
  }
}

function unknown(id: string): AgentError {
  return new AgentError('E_UNKNOWN_ITEM', `Expected a capture that waits, found "${id}"`)
}
