import Agent from '#models/agent'
import { EXIT } from '#services/exit'
import { revokeAgent } from '#services/revocation'
import { args, BaseCommand } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class AgentRevoke extends BaseCommand {
  static commandName = 'agent:revoke'
  static description = 'End what an agent may do: its token is refused within a second'
  static options: CommandOptions = { startApp: true }

  @args.string({ description: 'Number of the agent' })
  declare agent: string

  async run() {
    const agent = /^\d{1,9}$/.test(this.agent) ? await Agent.find(Number(this.agent)) : null
    if (!agent) {
      this.logger.error(`There is no agent ${this.agent}`)
      this.exitCode = EXIT.usage
      return
    }
    await revokeAgent(agent, 'command')
    this.logger.success(`${agent.name} is revoked`)
  }
}
