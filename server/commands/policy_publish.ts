import { EXIT } from '#services/exit'
import { PolicyCommand, type PolicyChanges } from '#services/policy/command'
import { previewVersion, publishVersion, type NewVersion } from '#services/policy/store'
import { flags } from '@adonisjs/core/ace'

export default class PolicyPublish extends PolicyCommand {
  static commandName = 'policy:publish'
  static description = 'Put values of a policy in force, after showing which of them observe more'
  static help = [
    ...PolicyCommand.help,
    'Agents hear of it at once. What observes less holds at once; what observes more waits on each',
    'computer until its person has acknowledged the new notice.',
  ]

  @flags.string({ description: 'The impact assessment that covers it; needed where it loosens' })
  declare dpia?: string

  @flags.string({ description: 'Why, in words of your own' })
  declare reason?: string

  @flags.boolean({ description: 'Do not ask' })
  declare yes: boolean

  async run() {
    const asked = await this.asked()
    if (!asked) {
      this.exitCode = EXIT.usage
      return
    }
    try {
      const { changes } = await previewVersion(asked)
      if (!this.json) {
        this.say(changes)
      }
      if (this.#isCovered(changes) && (await this.#isWanted(changes))) {
        await this.#publish(asked)
      }
    } catch (error) {
      this.refuse(error)
    }
  }

  get #why(): string | null {
    const parts = [this.dpia && `DPIA ${this.dpia}`, this.reason].filter((part) => part?.trim())
    return parts.length === 0 ? null : parts.join(': ')
  }

  /** Nobody observes more without saying why. */
  #isCovered(changes: PolicyChanges): boolean {
    const loosened = changes.filter(({ loosens }) => loosens).map(({ key }) => key)
    if (loosened.length === 0 || this.#why !== null) {
      return true
    }
    this.logger.error(
      `This observes more than before (${loosened.join(', ')}): name the impact assessment with --dpia, or say why with --reason`
    )
    this.exitCode = EXIT.refused
    return false
  }

  async #isWanted(changes: PolicyChanges): Promise<boolean> {
    if (this.yes) {
      return true
    }
    if (!process.stdin.isTTY) {
      this.logger.error('Without a terminal nobody can be asked: expected --yes')
      this.exitCode = EXIT.usage
      return false
    }
    const loosened = changes.filter(({ loosens }) => loosens).length
    const question = `Put ${changes.length} changes in force${loosened > 0 ? `, ${loosened} of which observe more` : ''}?`
    const isWanted = await this.prompt.confirm(question)
    this.exitCode = isWanted ? EXIT.ok : EXIT.refused
    return isWanted
  }

  async #publish(asked: Pick<NewVersion, 'subject' | 'values' | 'locked'>) {
    const published = await publishVersion({ ...asked, reason: this.#why, actor: 'command' })
    if (this.json) {
      process.stdout.write(`${JSON.stringify(published)}\n`)
    } else {
      this.logger.success(`Version ${published.version} is in force`)
    }
  }
}
