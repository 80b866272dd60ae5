import { POLICY_KEYS, type PolicyKey } from '#contract/policy'
import { ApiError } from '#exceptions/api_errors'
import Team from '#models/team'
import User from '#models/user'
import { EXIT } from '#services/exit'
import { policiesOf, type NewVersion, type PolicySubject } from '#services/policy/store'
import type { differences } from '#services/policy/resolve'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { errors } from '@vinejs/vine'

export type PolicyChanges = ReturnType<typeof differences>

/** What commands share that change values of a policy: whose it is, `key=value`, and what it changes. */
export abstract class PolicyCommand extends BaseCommand {
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

  @flags.array({ description: 'Keys that levels below may not set' })
  declare lock: string[]

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  /** The values in force with what the arguments say laid over them; null where those are wrong. */
  protected async asked(): Promise<Pick<NewVersion, 'subject' | 'values' | 'locked'> | null> {
    const subject = await this.#subject()
    const [current] = subject ? await policiesOf([subject]) : []
    const values = this.#read({ ...current?.values })
    const added = this.lock ?? []
    const unknown = added.find((key) => !isKey(key))
    if (unknown !== undefined) {
      this.logger.error(`There is no value ${unknown} to lock`)
    }
    return subject && values && unknown === undefined
      ? {
          subject,
          values,
          locked: [...new Set([...(current?.locked ?? []), ...added])].filter(isKey),
        }
      : null
  }

  /** One line a value, with what observes more than before. */
  protected say(changes: PolicyChanges) {
    for (const { key, before, after, loosens } of changes) {
      const line = `${key}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`
      this.logger.log(loosens ? `${line}  (loosens)` : line)
    }
  }

  /** Says what was wrong with the values; throws what is wrong elsewhere. */
  protected refuse(error: unknown) {
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

  #read(values: Record<string, unknown>): Record<string, unknown> | null {
    for (const text of this.values) {
      const [key = '', ...rest] = text.split('=')
      if (!isKey(key) || rest.length === 0) {
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

function isKey(key: string): key is PolicyKey {
  return (POLICY_KEYS as readonly string[]).includes(key)
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
