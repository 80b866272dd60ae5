import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { askAgent } from '../control.ts'
import { durationMs } from '../trust/duration.ts'
import { Pause, type CurrentPause, type PauseReport } from '../trust/pause.ts'
import { answerPause, type PauseRequest } from '../trust/trust.ts'
import type { Context } from './context.ts'
import type { Does } from './program.ts'

/** How long a pause lasts where nobody says. */
const USUAL_MS = 30 * 60_000

/** `pause`, `resume`, `private start/stop`: the person's own breaks. They hold across restarts. */
export function pauseCommands(program: Command, does: Does): void {
  program
    .command('pause [duration]')
    .description('nothing is captured for a while: 30m, 1h (default: 30m)')
    .action(
      does((context, duration?: string) => {
        const ms = duration === undefined ? USUAL_MS : durationMs(duration)
        return ask(context, { ask: 'pause', kind: 'pause', ms })
      })
    )
  program
    .command('resume')
    .description('goes on')
    .action(does((context) => ask(context, { ask: 'resume' })))
  const own = program.command('private').description('private time')
  own
    .command('start')
    .description('nothing is captured until you stop it')
    .action(does((context) => ask(context, { ask: 'pause', kind: 'private', ms: null })))
  own
    .command('stop')
    .description('goes on')
    .action(does((context) => ask(context, { ask: 'resume' })))
}

async function ask(context: Context, request: PauseRequest): Promise<number> {
  const answer = await askAgent(context.dataDir, { verb: 'trust', request })
  const report = (answer?.value ?? withoutAgent(context, request)) as PauseReport
  const { pause, pauseLeftMs } = report
  const until = pause?.until ?? null
  context.out.data(describePause(report), {
    paused: pause !== null,
    kind: pause?.kind ?? null,
    paused_until: until === null ? null : new Date(until).toISOString(),
    minutes_left: pauseLeftMs === null ? null : Math.floor(pauseLeftMs / 60_000),
  })
  return 0
}

/** What is decided while no agent runs holds from its start on. */
function withoutAgent(context: Context, request: PauseRequest): PauseReport {
  const pause = new Pause({ dataDir: context.dataDir, clock: systemClock })
  try {
    pause.load()
    return answerPause(pause, request, 'command')
  } finally {
    pause.close()
  }
}

/** A pause as a person reads it. */
export function describePause({ pause, pauseLeftMs }: PauseReport): string {
  const left =
    pauseLeftMs === null ? '' : ` ${Math.floor(pauseLeftMs / 60_000)} min of pause left today.`
  return `${pause === null ? 'Not paused.' : `${nameOf(pause)}.`}${left}`
}

function nameOf({ kind, until }: CurrentPause): string {
  const name = kind === 'private' ? 'Private time' : 'Paused'
  return until === null ? `${name} until you end it` : `${name} until ${clockTime(until)}`
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
