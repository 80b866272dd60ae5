import Agent from '#models/agent'
import { EXIT } from '#services/exit'
import { agentJson } from '#services/presentation'
import string from '@adonisjs/core/helpers/string'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class AgentSilent extends BaseCommand {
  static commandName = 'agent:silent'
  static description = 'List agents that were not heard from for a while; exit 7 when there are any'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'For how long, such as 10m', default: '10m' })
  declare older: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const ms = /^\d+\s*(s|m|h|d)$/.test(this.older) ? string.milliseconds.parse(this.older) : 0
    if (ms <= 0) {
      this.logger.error(`Expected a time such as 10m, found "${this.older}"`)
      this.exitCode = EXIT.usage
      return
    }
    const silent = await Agent.query()
      .whereNull('revoked_at')
      .where((heard) =>
        heard.whereNull('last_seen_at').orWhere('last_seen_at', '<', Date.now() - ms)
      )
      .preload('person')
      .orderBy('last_seen_at')
    this.exitCode = silent.length > 0 ? EXIT.degraded : EXIT.ok
    if (this.json) {
      const agents = silent.map((agent) => agentJson(agent))
      process.stdout.write(`${JSON.stringify({ agents })}\n`)
      return
    }
    for (const agent of silent) {
      const { name, person, last_seen_at: seen } = agentJson(agent)
      process.stdout.write(`${name}  ${person?.full_name ?? 'no one'}  ${seen ?? 'never'}\n`)
    }
    this.logger.info(silent.length === 0 ? 'All are heard from' : `${silent.length} are silent`)
  }
}
