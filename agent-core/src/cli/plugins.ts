import type { Command } from 'commander'
import { askAgent } from '../control.ts'
import { AgentError } from '../errors.ts'
import { collectedBy } from '../notice.ts'
import { AgentRuntime, type RuntimeStatus } from '../runtime.ts'
import type { Context } from './context.ts'
import { columns } from './output.ts'
import type { Does } from './program.ts'

/** `plugins list/info`: what the site lists. */
export function pluginCommands(program: Command, does: Does): void {
  const plugins = program.command('plugins').description('what the site lists')
  plugins
    .command('list', { isDefault: true })
    .description('lists them, and how they are')
    .action(does(listPlugins))
  plugins
    .command('info <name>')
    .description('one of them: hooks, options, state')
    .action(does((context, name: string) => pluginInfo(context, name)))
}

/** `plugins`: what the site lists, what each collects, and how it is while the agent runs. */
async function listPlugins(context: Context): Promise<number> {
  const site = await context.site()
  const answer = await askAgent(context.dataDir, { verb: 'status' })
  const running = answer === null ? [] : (answer.value as RuntimeStatus).plugins
  const declared = new Map(collectedBy(site).map((plugin) => [plugin.name, plugin]))
  const rows = site.plugins.map(({ name, version }) => {
    const live = running.find((plugin) => plugin.name === name)
    const { collects = '', every = null } = declared.get(name) ?? {}
    return {
      name,
      version,
      state: live?.state ?? 'not running',
      reason: live?.reason ?? null,
      collects,
      every,
    }
  })
  const text = columns(
    rows.map(({ name, version, state, reason, collects, every }) => [
      name,
      version,
      state,
      reason ?? [collects, every].filter(Boolean).join(', '),
    ])
  )
  context.out.data(rows.length === 0 ? 'The site lists no plugins.' : text, rows)
  return 0
}

/** `plugins info NAME`: what it taps, how it is set, and how it is while the agent runs. */
async function pluginInfo(context: Context, name: string): Promise<number> {
  const site = await context.site()
  const plugin = site.plugins.find((candidate) => candidate.name === name)
  if (plugin === undefined) {
    throw new AgentError('E_UNKNOWN_PLUGIN', `Expected a plugin of the site, found "${name}"`)
  }
  const answer = await askAgent(context.dataDir, { verb: 'status' })
  const report = answer?.value as RuntimeStatus | undefined
  const live = report?.plugins.find((candidate) => candidate.name === name)
  const info = {
    name,
    version: plugin.version,
    hooks: new AgentRuntime({ site, dataDir: context.dataDir }).hooksOf(name),
    options: plugin.options ?? {},
    bounds: plugin.bounds ?? {},
    collects: plugin.notice?.collects ?? null,
    every: plugin.notice?.every ?? null,
    state: live?.state ?? 'not running',
    reason: live?.reason ?? null,
    last_failure: report?.failures[name] ?? null,
  }
  context.out.data(
    columns(
      Object.entries(info).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ])
    ),
    info
  )
  return 0
}
