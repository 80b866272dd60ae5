import { setTimeout } from 'node:timers/promises'
import { askAgent } from '../control.ts'
import type { RuntimeStatus } from '../runtime.ts'
import { spoolHolder } from '../spool_lock.ts'
import { lastSeq } from '../spool_scan.ts'
import type { Context } from './context.ts'
import { describePause } from './pause.ts'
import { ago, columns, size } from './output.ts'
import { untilInterrupted } from './signals.ts'

export type StatusFlags = { readonly strict?: boolean; readonly watch?: boolean }

/** How often `--watch` looks, in milliseconds. */
const WATCH_MS = 2_000
const NOT_ENROLLED = 3
const DEGRADED = 7

/** `status`: how the agent is, from itself while it runs, from its files otherwise. */
export async function status(context: Context, flags: StatusFlags): Promise<number> {
  if (flags.watch !== true) {
    return once(context, flags)
  }
  const interrupted = untilInterrupted()
  while (!interrupted.aborted) {
    context.out.clear()
    await once(context, flags)
    await setTimeout(WATCH_MS, undefined, { signal: interrupted }).catch(() => undefined) // Ctrl-C
  }
  return 0
}

async function once(context: Context, flags: StatusFlags): Promise<number> {
  const answer = await askAgent(context.dataDir, { verb: 'status' })
  if (answer !== null) {
    const report = answer.value as RuntimeStatus
    context.out.data(describe(report), {
      name: report.identity?.name ?? null,
      running: true,
      ...report,
    })
    return flags.strict && isDegraded(report) ? DEGRADED : 0
  }
  return offline(context)
}

async function offline(context: Context): Promise<number> {
  const identity = context.identities.identity()
  const { ledger, scan } = await context.readSpool()
  const pid = spoolHolder(context.spoolDir)
  const spool = {
    accepted: lastSeq(ledger, scan),
    delivered: ledger.delivered,
    evicted: ledger.evicted,
    dead: scan.dead.length + scan.quarantined.length,
    queued: scan.queue.length,
  }
  const state = pid === null ? 'not running' : `process ${pid} does not answer`
  const who =
    identity === null ? 'not enrolled' : `${identity.name}, enrolled at ${identity.server}`
  context.out.data(
    `${who} — ${state}\n  queue  ${spool.queued} waiting, ${spool.dead} dead letters`,
    {
      name: identity?.name ?? null,
      running: false,
      pid,
      identity: identity === null ? null : { ...identity, token: undefined },
      spool,
    }
  )
  return identity === null ? NOT_ENROLLED : 0
}

function describe(report: RuntimeStatus): string {
  const { identity, spool, courier } = report
  const person = identity?.person === null ? '' : ` for ${identity?.person}`
  const sent =
    courier.lastSentAt === null
      ? 'nothing sent yet'
      : `last sent ${ago(Date.now() - courier.lastSentAt)} ago`
  const troubles = Object.entries(courier.lanes).flatMap(
    ([lane, { hold, lastFailure, nextAttemptMs }]) =>
      lastFailure === null
        ? []
        : [
            [
              '',
              hold === null ? 'waits' : 'held',
              `${lane}: ${hold?.reason ?? lastFailure} (next attempt in ${ago(nextAttemptMs)})`,
            ],
          ]
  )
  const rows = [
    ...report.plugins.map(({ name, state, reason }) => [
      name,
      state,
      [reason, timesOf(report, name)].filter((part) => part).join('  '),
    ]),
    [
      'queue',
      `${spool.queued} waiting`,
      `${sent}, ${spool.dead} dead letters, ${size(spool.spool_bytes)}`,
    ],
    ...troubles,
    ...report.destinations
      .filter(({ state }) => state !== 'closed')
      .map(({ name, state, failures, reason }) => [
        '',
        state.replace('_', ' '),
        `${name}: ${failures} failures in a row, ${reason}`,
      ]),
    policyRow(report),
    ['page', report.trust.page === null ? 'none' : 'open', report.trust.page ?? ''],
    ...(report.trust.pause === null ? [] : [['pause', 'on', describePause(report.trust)]]),
    ...(report.notice.coversPolicy
      ? []
      : [['notice', 'open', 'not acknowledged: only heartbeats are sent']]),
  ]
  const head = `${identity?.name ?? 'agent'} — running${person} (site ${report.site}) for ${ago(Date.now() - report.startedAt)}`
  return `${head}\n${columns(rows.map((row) => ['', ...row]))}`
}

/** How often a collector looks, when it does next and when it last did, as the machine's clock says. */
function timesOf({ collectors }: RuntimeStatus, name: string): string {
  const collector = collectors.find((one) => one.name === name)
  if (collector === undefined) {
    return ''
  }
  const { every, nextAt, lastAt } = collector
  return [
    every,
    nextAt === null ? null : `next ${clock(nextAt)}`,
    lastAt === null ? null : `last ${clock(lastAt)}`,
  ]
    .filter((part) => part !== null)
    .join('  ')
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}

function policyRow({ policy }: RuntimeStatus): string[] {
  const { version, pending } = policy
  const held = version === 0 ? 'the site alone' : `version ${version}`
  return pending === null
    ? ['policy', 'holds', held]
    : [
        'policy',
        'waits',
        `version ${pending.version} observes more (${pending.wider.join(', ')}); ${held} holds. Read it: worksight-agent notice`,
      ]
}

function isDegraded(report: RuntimeStatus): boolean {
  const isHeld = Object.values(report.courier.lanes).some(({ lastFailure }) => lastFailure !== null)
  const isIll = report.plugins.some(({ state }) => state !== 'ok' && state !== 'idle')
  const isAway = report.destinations.some(({ state }) => state !== 'closed')
  return isHeld || isAway || isIll || report.spool.dead > 0 || report.policy.pending !== null
}
