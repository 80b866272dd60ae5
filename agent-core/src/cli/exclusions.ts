import type { Command } from 'commander'
import type { Exclusion } from '../../contract/policy.ts'
import { askAgent } from '../control.ts'
import { Exclusions } from '../trust/exclusions.ts'
import { addOwnExclusion, ownExclusions, removeOwnExclusion } from '../trust/own_exclusions.ts'
import type { Context } from './context.ts'
import { columns } from './output.ts'
import type { Does } from './program.ts'

type Patterns = { readonly app?: string; readonly title?: string; readonly reason?: string }
const SOURCES = { shipped: 'always', site: 'site', policy: 'policy', person: 'you' } as const

/** `exclusions list/add/remove`: which windows are never captured. */
export function exclusionsCommand(program: Command, does: Does): void {
  const exclusions = program.command('exclusions').description('windows that are never captured')
  exclusions
    .command('list', { isDefault: true })
    .description('lists them, with the reason and who says so')
    .action(does(listExclusions))
  const patterns = (command: Command) =>
    command
      .option('--app <pattern>', 'name of the application; * stands for anything')
      .option('--title <pattern>', 'title of the window; * stands for anything')
  patterns(exclusions.command('add'))
    .option('--reason <words>', 'why, for yourself')
    .description('adds one of your own; it stays on this machine')
    .action(does((context, flags: Patterns) => change(context, addOwnExclusion, flags)))
  patterns(exclusions.command('remove'))
    .description('removes one of your own')
    .action(does((context, flags: Patterns) => change(context, removeOwnExclusion, flags)))
}

async function listExclusions(context: Context): Promise<number> {
  const exclusions = new Exclusions()
  exclusions.set('site', (await context.site()).exclusions)
  exclusions.set('person', ownExclusions(context.dataDir))
  const rows = exclusions.list()
  context.out.data(
    columns([
      ['APPLICATION', 'TITLE', 'REASON', 'SAYS'],
      ...rows.map(({ app, title, reason, source }) => [
        app ?? '',
        title ?? '',
        reason ?? '',
        SOURCES[source],
      ]),
    ]),
    { exclusions: rows }
  )
  return 0
}

async function change(
  context: Context,
  apply: (dataDir: string, exclusion: Exclusion) => readonly Exclusion[],
  { app, title, reason }: Patterns
): Promise<number> {
  const exclusion = { app: app ?? null, title: title ?? null, reason: reason ?? null }
  const own = apply(context.dataDir, exclusion)
  await askAgent(context.dataDir, { verb: 'reload' })
  context.out.data(`${own.length} of your own; they hold at once.`, { exclusions: own })
  return 0
}
