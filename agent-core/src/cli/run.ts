import { Live, serveControl, type ControlRequest } from '../control.ts'
import { fileLogger, type Logger } from '../logger.ts'
import { collectedBy } from '../notice.ts'
import type { Site } from '../define_site.ts'
import { AgentRuntime, type RuntimeStatus } from '../runtime.ts'
import { describeHours } from '../working_hours.ts'
import { describePause } from './pause.ts'
import type { Context } from './context.ts'

export type RunFlags = {
  readonly once?: boolean
  readonly splay?: string
  readonly logLevel?: string
}

/** Longest that `run --once` waits for its turns and its delivery, in milliseconds. */
const ONCE_MS = 60_000
const OK = 0
const UNREACHABLE = 5
const INTERRUPTED = 130

/** `run`: captures and delivers until SIGINT or SIGTERM; with `--once`, one turn of each plugin. */
export async function run(context: Context, flags: RunFlags): Promise<number> {
  const site = await context.site()
  context.makeDataDir()
  const log = fileLogger(context.logDir, ...verbosity(context, flags.logLevel))
  const runtime = new AgentRuntime({
    site,
    dataDir: context.dataDir,
    logger: log.logger,
    once: flags.once === true,
    splayMs: Number(flags.splay ?? 0) * 1000,
  })
  const interrupted = signals()
  runtime.trust.indicators.add({ name: 'terminal', isAlive: () => context.isWatched })
  runtime.trust.onChange((report) => context.out.say(describePause(report)))
  try {
    await runtime.start()
    const closeControl = await serveControl(context.dataDir, (request) => control(runtime, request))
    await banner(context, site, runtime)
    try {
      return flags.once === true
        ? await once(context, runtime)
        : await untilStopped(context, interrupted)
    } finally {
      await runtime.stop()
      await closeControl()
    }
  } catch (error) {
    logFailure(log.logger, error)
    throw error
  } finally {
    await runtime.stop()
    await log.close()
  }
}

async function untilStopped(
  context: Context,
  interrupted: Promise<NodeJS.Signals>
): Promise<number> {
  const signal = await interrupted
  context.out.say(`Stopping (${signal}) …`)
  return signal === 'SIGINT' ? INTERRUPTED : OK
}

async function once(context: Context, runtime: AgentRuntime): Promise<number> {
  await runtime.settled(AbortSignal.timeout(ONCE_MS))
  const status = await runtime.report()
  context.out.data(`${status.spool.delivered} delivered, ${status.spool.queued} waiting`, status)
  return status.spool.queued === 0 ? OK : UNREACHABLE
}

function signals(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}

async function control(runtime: AgentRuntime, request: ControlRequest): Promise<unknown> {
  switch (request.verb) {
    case 'status':
      return runtime.report()
    case 'reload':
      return runtime.reload()
    case 'retry':
      for (const id of request.ids) {
        await runtime.spool.retry(id)
      }
      return runtime.reload()
    case 'purge':
      return runtime.spool.purge(request.ids, runtime.policy.version)
    case 'drop':
      return runtime.drop(request.ids)
    case 'flush':
      return runtime.flush(AbortSignal.timeout(request.seconds * 1000))
    case 'sent':
      return runtime.trust.journal.entries()
    case 'tap':
      return new Live((emit) =>
        runtime.onRequest((sent) => emit({ ...sent, at: runtime.clock.now() }))
      )
    case 'trust':
      return runtime.trust.answer(request.request, 'command')
  }
}

async function banner(context: Context, site: Site, runtime: AgentRuntime): Promise<void> {
  const status: RuntimeStatus = await runtime.report()
  const { identity, notice } = status
  const person = identity?.person ?? identity?.name ?? 'this machine'
  const lines = collectedBy(site).map(
    ({ name, collects, every }) =>
      `  ${name.padEnd(14)}${collects}${every === null ? '' : `, ${every}`}`
  )
  context.out.say(
    [
      `WorkSight ${runtime.version} runs openly for ${person}, and reports to ${identity?.server ?? 'nobody'}.`,
      ...lines,
      `  when          ${describeHours(site.workingHours)}`,
      ...noticeLines(notice),
      `  to look at    ${status.trust.page ?? 'no local page'}`,
      'Press Ctrl-C to stop.',
    ].join('\n')
  )
}

function noticeLines({ acknowledged, coversPolicy }: RuntimeStatus['notice']): readonly string[] {
  if (acknowledged) {
    return []
  }
  const what = coversPolicy
    ? 'A policy that observes more waits until you have read its notice'
    : 'The notice is not acknowledged: only heartbeats are sent'
  return [`  to read       ${what}: worksight-agent notice`]
}

function verbosity(
  context: Context,
  level: string | undefined
): [level: string, copy: NodeJS.WritableStream | null] {
  return context.flags.verbose ? [level ?? 'debug', process.stderr] : [level ?? 'info', null]
}

function logFailure(logger: Logger, error: unknown): void {
  logger.error(
    { error: error instanceof Error ? error.message : String(error) },
    'the agent could not run'
  )
}
