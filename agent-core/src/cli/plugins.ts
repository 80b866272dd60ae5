import { askAgent } from '../control.ts'
import { collectedBy } from '../notice.ts'
import type { RuntimeStatus } from '../runtime.ts'
import type { Context } from './context.ts'
import { columns } from './output.ts'

/** `plugins`: what the site lists, what each collects, and how it is while the agent runs. */
export async function listPlugins(context: Context): Promise<number> {
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
