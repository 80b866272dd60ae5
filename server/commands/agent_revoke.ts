import Agent from '#models/agent'
import { EXIT } from '#services/exit'
import { revokeAgent } from '#services/revocation'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class AgentRevoke extends BaseCommand {
  static commandName = 'agent:revoke'
  static description = 'End what an agent may do: its token is refused within a second'
  static options: CommandOptions = { startApp: true }

  @args.string({ description: 'Number of the agent' })
  declare agent: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const agent = /^\d{1,9}$/.test(this.agent) ? await Agent.find(Number(this.agent)) : null
    if (!agent) {
      this.logger.error(`There is no agent ${this.agent}`)
      this.exitCode = EXIT.usage
      return
    }
    await revokeAgent(agent, 'command')
    if (this.json) {
      const revokedAt = new Date(Number(agent.revokedAt)).toISOString()
      process.stdout.write(`${JSON.stringify({ id: agent.id, revoked_at: revokedAt })}\n`)
      return
    }
    this.logger.success(`${agent.name} is revoked`)
  }
}
