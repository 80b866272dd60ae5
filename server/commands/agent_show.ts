import Agent from '#models/agent'
import { EXIT } from '#services/exit'
import { missingRanges } from '#services/gap_report'
import { loadLastHeartbeats } from '#services/last_heartbeats'
import { agentJson } from '#services/presentation'
import { policyOfAgent } from '#services/policy/store'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class AgentShow extends BaseCommand {
  static commandName = 'agent:show'
  static description =
    'Show one computer: whose it is, when it was heard from, what has not arrived'
  static options: CommandOptions = { startApp: true }

  @args.string({ description: 'Number of the agent' })
  declare agent: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const agent = /^\d{1,9}$/.test(this.agent)
      ? await Agent.query().where('id', Number(this.agent)).preload('person').first()
      : null
    if (!agent) {
      this.logger.error(`There is no agent ${this.agent}`)
      this.exitCode = EXIT.usage
      return
    }
    await loadLastHeartbeats([agent])
    const shown = await detailsOf(agent)
    if (this.json) {
      process.stdout.write(`${JSON.stringify(shown)}\n`)
      return
    }
    const table = this.ui.table().head(['Of the agent', ''])
    for (const [name, value] of Object.entries(asText(shown))) {
      table.row([name, value])
    }
    table.render()
  }
}

/** What the API gives of an agent, with what the page has beside it. */
async function detailsOf(agent: Agent, now = Date.now()) {
  const { pausedUntil: until } = agent
  const { version } = await policyOfAgent(agent)
  return {
    ...agentJson(agent, now),
    paused_until: until && until > now ? new Date(until).toISOString() : null,
    policy_version: version,
    last_seq: Number(agent.lastSeq),
    missing: await missingRanges(agent.id),
    last_heartbeat: agent.lastHeartbeat,
  }
}

function asText(shown: Awaited<ReturnType<typeof detailsOf>>): Record<string, string> {
  const spool = shown.last_heartbeat?.spool
  return {
    'Number': String(shown.id),
    'Name': shown.name,
    'Person': shown.person?.full_name ?? 'no one',
    'Site': shown.site,
    'Computer': `${shown.host}, ${shown.platform}`,
    'Version': shown.agent_version,
    'Presence': shown.presence,
    'Last seen': shown.last_seen_at ?? 'never',
    'Paused until': shown.paused_until ?? 'not paused',
    'Policy': String(shown.policy_version),
    'Waiting there': spool ? String(spool.queued) : 'not known',
    'Not arrived': shown.missing.length === 0 ? 'nothing' : `${shown.missing.length} ranges`,
  }
}
