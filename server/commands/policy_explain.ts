import Agent from '#models/agent'
import User from '#models/user'
import { EXIT } from '#services/exit'
import { policyOfAgent, policyOfPerson } from '#services/policy/store'
import { policyText } from '#services/policy/words'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PolicyExplain extends BaseCommand {
  static commandName = 'policy:explain'
  static description = 'Say for each value what holds for a person or an agent, and why'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the person' })
  declare person: string

  @flags.number({ description: 'Number of the agent' })
  declare agent: number

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const resolved = await this.#resolve()
    if (!resolved) {
      this.exitCode = EXIT.usage
      return
    }
    if (this.json) {
      process.stdout.write(
        `${JSON.stringify({ version: resolved.version, values: resolved.explained })}\n`
      )
      return
    }
    const table = this.ui.table().head(['Value', 'Holds', 'Said by', 'What did not hold'])
    for (const { key, value, from, version, isLocked, refused } of resolved.explained) {
      table.row([
        key,
        policyText(key, from === 'site' ? undefined : (value as never)),
        `${from}${version ? ` v${version}` : ''}${isLocked ? ', locked' : ''}`,
        refused
          .map((other) => `${other.level}: ${policyText(key, other.value as never)} (${other.why})`)
          .join('; '),
      ])
    }
    table.render()
  }

  async #resolve() {
    if (this.agent) {
      const agent = await Agent.find(this.agent)
      return agent ? policyOfAgent(agent) : this.#unknown(`There is no agent ${this.agent}`)
    }
    if (!this.person) {
      return this.#unknown('Expected --person or --agent')
    }
    const person = await User.findBy('email', this.person)
    return person ? policyOfPerson(person) : this.#unknown(`There is no user ${this.person}`)
  }

  #unknown(message: string) {
    this.logger.error(message)
    return null
  }
}
