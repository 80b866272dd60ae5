import type { Command } from 'commander'
import type { SentRequest } from '../api_client.ts'
import { askAgent, followAgent } from '../control.ts'
import { durationMs } from '../trust/duration.ts'
import type { JournalEntry } from '../trust/journal.ts'
import type { Context } from './context.ts'
import { columns, size } from './output.ts'
import type { Does } from './program.ts'
import { untilInterrupted } from './signals.ts'

const NOT_RUNNING = 3

/** `what` and `tap`: everything that leaves this machine, after and while it does. */
export function sentCommands(program: Command, does: Does): void {
  program
    .command('what')
    .description('everything that was sent, word for word with --json')
    .option('--last <duration>', 'of the last so long, an hour at most', '1h')
    .action(does((context, { last }: { last: string }) => what(context, durationMs(last))))
  program
    .command('tap')
    .description('every request body, live, in clear, until Ctrl-C')
    .action(does(tap))
}

/** The agent remembers an hour, in memory alone: nothing is kept longer on the disk to be shown. */
async function what(context: Context, lastMs: number): Promise<number> {
  const answer = await askAgent(context.dataDir, { verb: 'sent' })
  if (answer === null) {
    context.out.say('The agent does not run; what it sent it remembers only while it runs.')
  }
  const since = Date.now() - lastMs
  const entries = ((answer?.value ?? []) as readonly JournalEntry[]).filter(
    ({ settledAt, verdict }) => verdict === 'accepted' && (settledAt ?? 0) >= since
  )
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
  const total = `${entries.length} sent, ${size(bytes)}`
  context.out.data(
    entries.length === 0 ? 'Nothing was sent.' : `${columns(entries.map(rowOf))}\n${total}`,
    {
      since: new Date(since).toISOString(),
      running: answer !== null,
      bytes,
      sent: entries.map((entry) => ({
        sent_at: new Date(entry.settledAt ?? 0).toISOString(),
        bytes: sizeOf(entry),
        observation: entry.observation,
      })),
    }
  )
  return 0
}

function rowOf(entry: JournalEntry): string[] {
  const { kind, seq, captured_at: capturedAt } = entry.observation
  const sentAt = new Date(entry.settledAt ?? 0).toISOString()
  return [sentAt, kind, size(sizeOf(entry)), `captured ${capturedAt}`, `number ${seq}`]
}

function sizeOf({ observation, bytes }: JournalEntry): number {
  return bytes + Buffer.byteLength(JSON.stringify(observation))
}

async function tap(context: Context): Promise<number> {
  const wasRunning = await followAgent(
    context.dataDir,
    { verb: 'tap' },
    (value) => {
      const request = value as SentRequest & { readonly at: number }
      context.out.data(describe(request), {
        ...request,
        at: new Date(request.at).toISOString(),
      })
    },
    untilInterrupted()
  )
  if (!wasRunning) {
    context.out.say('The agent does not run: nothing leaves this machine.')
  }
  return wasRunning ? 0 : NOT_RUNNING
}

function describe({ at, method, path, body, fileBytes }: SentRequest & { at: number }): string {
  const file = fileBytes === null ? '' : `  + a file of ${size(fileBytes)}`
  const head = `${new Date(at).toISOString()}  ${method} ${path}${file}`
  return body === null ? head : `${head}\n${JSON.stringify(body, null, 2)}`
}
