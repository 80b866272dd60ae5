import { EXIT } from '#services/exit'
import { PolicyCommand } from '#services/policy/command'
import { previewVersion, publishVersion } from '#services/policy/store'
import { flags } from '@adonisjs/core/ace'

export default class PolicySet extends PolicyCommand {
  static commandName = 'policy:set'
  static description =
    'Set values of a policy: show what changes, and with --publish put it in force'

  @flags.string({ description: 'Why, and under which impact assessment; needed where it loosens' })
  declare reason: string

  @flags.boolean({ description: 'Put it in force' })
  declare publish: boolean

  async run() {
    const asked = await this.asked()
    if (!asked) {
      this.exitCode = EXIT.usage
      return
    }
    try {
      const result = this.publish
        ? await publishVersion({ ...asked, reason: this.reason ?? null, actor: 'command' })
        : await previewVersion(asked)
      this.#print(result)
    } catch (error) {
      this.refuse(error)
    }
  }

  #print(result: Awaited<ReturnType<typeof previewVersion>> & { version?: number }) {
    if (this.json) {
      process.stdout.write(`${JSON.stringify(result)}\n`)
      return
    }
    this.say(result.changes)
    if (result.version) {
      this.logger.success(`Version ${result.version} is in force`)
    } else {
      this.logger.info(
        result.changes.length === 0
          ? 'Nothing would change'
          : 'node ace policy:publish puts it in force'
      )
    }
  }
}
