import Agent from '#models/agent'
import { EXIT } from '#services/exit'
import { pauseAgent } from '#services/pauses'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

/** Minutes of a day. */
const MOST_MINUTES = 1440

export default class AgentPause extends BaseCommand {
  static commandName = 'agent:pause'
  static description = 'Ask a computer to observe nothing for a while, or to go on'
  static help = [
    'The computer hears of it at once, and keeps to what its policy allows a day. The person sees who did it.',
  ]
  static options: CommandOptions = { startApp: true }

  @args.string({ description: 'Number of the agent' })
  declare agent: string

  @flags.number({ description: 'For how many minutes', default: 30 })
  declare minutes: number

  @flags.boolean({ description: 'Let it go on' })
  declare resume: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const agent = /^\d{1,9}$/.test(this.agent) ? await Agent.find(Number(this.agent)) : null
    if (!agent || agent.isRevoked) {
      const what = agent ? `${agent.name} is revoked` : `There is no agent ${this.agent}`
      return this.#end(EXIT.usage, what)
    }
    const { minutes } = this
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES) {
      const expected = `a whole number from 1 to ${MOST_MINUTES}`
      return this.#end(EXIT.usage, `--minutes must be ${expected}, got ${minutes}`)
    }
    const asked = await pauseAgent('command', agent, this.resume ? null : minutes)
    if (asked === 'refused') {
      return this.#end(EXIT.refused, `The policy of ${agent.name} allows no pause`)
    }
    this.#print(agent, asked.until)
  }

  #print({ id, name }: Agent, until: number | null) {
    const at = until === null ? null : new Date(until).toISOString()
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ id, name, paused_until: at })}\n`)
      return
    }
    this.logger.success(at ? `${name} is paused until ${at}` : `${name} goes on`)
  }

  #end(code: number, message: string) {
    this.logger.error(message)
    this.exitCode = code
  }
}
