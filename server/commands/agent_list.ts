import Agent from '#models/agent'
import { agentJson } from '#services/presentation'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class AgentList extends BaseCommand {
  static commandName = 'agent:list'
  static description = 'List the computers that report here'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const agents = (await Agent.query().preload('person').orderBy('name')).map((agent) =>
      agentJson(agent)
    )
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ agents })}\n`)
      return
    }
    const table = this.ui
      .table()
      .head(['Number', 'Name', 'Person', 'Site', 'Presence', 'Last seen'])
    for (const agent of agents) {
      table.row([
        String(agent.id),
        agent.name,
        agent.person?.full_name ?? '',
        agent.site,
        agent.presence,
        agent.last_seen_at ?? 'never',
      ])
    }
    table.render()
  }
}
