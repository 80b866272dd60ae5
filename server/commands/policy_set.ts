import { POLICY_KEYS, type PolicyKey } from '#contract/policy'
import { ApiError } from '#exceptions/api_errors'
import Team from '#models/team'
import User from '#models/user'
import { EXIT } from '#services/exit'
import {
  policiesOf,
  previewVersion,
  publishVersion,
  type PolicySubject,
} from '#services/policy/store'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { errors } from '@vinejs/vine'

export default class PolicySet extends BaseCommand {
  static commandName = 'policy:set'
  static description =
    'Set values of a policy: show what changes, and with --publish put it in force'
  static help = [
    'Values are JSON, or a word: screenshot.interval_seconds=600 screenshot.blur=light hours=null',
    'A value of "unset" leaves it to the level above.',
  ]
  static options: CommandOptions = { startApp: true }

  @args.spread({ description: 'key=value' })
  declare values: string[]

  @flags.string({ description: 'Name of a team; default: the whole organisation' })
  declare team: string

  @flags.string({ description: 'E-mail of a person' })
  declare person: string

  @flags.string({ description: 'Why, and under which impact assessment; needed where it loosens' })
  declare reason: string

  @flags.array({ description: 'Keys that levels below may not set' })
  declare lock: string[]

  @flags.boolean({ description: 'Put it in force' })
  declare publish: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const subject = await this.#subject()
    const [current] = subject ? await policiesOf([subject]) : []
    const values = this.#read({ ...current?.values })
    if (!subject || !values) {
      this.exitCode = EXIT.usage
      return
    }
    try {
      const result = this.publish
        ? await publishVersion({
            subject,
            values,
            locked: [...(current?.locked ?? []), ...((this.lock ?? []) as PolicyKey[])],
            reason: this.reason ?? null,
            author: null,
          })
        : await previewVersion({ subject, values })
      this.#print(result)
    } catch (error) {
      this.#refuse(error)
    }
  }

  #print(result: Awaited<ReturnType<typeof previewVersion>> & { version?: number }) {
    if (this.json) {
      process.stdout.write(`${JSON.stringify(result)}\n`)
      return
    }
    for (const { key, before, after, loosens } of result.changes) {
      const line = `${key}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`
      this.logger.log(loosens ? `${line}  (loosens)` : line)
    }
    if (result.version) {
      this.logger.success(`Version ${result.version} is in force`)
    } else {
      this.logger.info(
        result.changes.length === 0 ? 'Nothing would change' : 'Add --publish to put it in force'
      )
    }
  }

  #refuse(error: unknown) {
    const message =
      error instanceof errors.E_VALIDATION_ERROR
        ? (error.messages as { message: string }[])[0]?.message
        : error instanceof ApiError
          ? error.message
          : null
    if (!message) {
      throw error
    }
    this.logger.error(message)
    this.exitCode = EXIT.usage
  }

  async #subject(): Promise<PolicySubject | null> {
    if (this.team) {
      const team = await Team.findBy('name', this.team)
      return team ? { level: 'team', id: team.id } : this.#unknown(`team "${this.team}"`)
    }
    if (this.person) {
      const person = await User.findBy('email', this.person)
      return person ? { level: 'person', id: person.id } : this.#unknown(`user ${this.person}`)
    }
    return { level: 'organisation', id: 0 }
  }

  #unknown(what: string) {
    this.logger.error(`There is no ${what}`)
    return null
  }

  /** Adds what the arguments say to the values in force. */
  #read(values: Record<string, unknown>): Record<string, unknown> | null {
    const known: readonly string[] = POLICY_KEYS
    for (const text of this.values) {
      const [key = '', ...rest] = text.split('=')
      if (!known.includes(key) || rest.length === 0) {
        this.logger.error(
          `Expected key=value with one of ${POLICY_KEYS.join(', ')}, found "${text}"`
        )
        return null
      }
      const value = rest.join('=')
      if (value === 'unset') {
        delete values[key]
      } else {
        values[key] = valueOf(value)
      }
    }
    return values
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
