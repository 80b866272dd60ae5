import User from '#models/user'
import { recordChange } from '#services/audit'
import { createHold } from '#services/retention/holds'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import db from '@adonisjs/lucid/services/db'

export default class RetentionHold extends BaseCommand {
  static commandName = 'retention:hold'
  static description = 'Keep everything of a person within a span until the hold is released'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the person', required: true })
  declare person: string

  @flags.string({ description: 'From when on, RFC 3339; default: the beginning' })
  declare from: string

  @flags.string({ description: 'Until when, RFC 3339; default: for ever' })
  declare until: string

  @flags.string({ description: 'Why, in words that the person may read' })
  declare reason: string

  @flags.boolean({ description: 'Release every hold on the person' })
  declare release: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const person = await User.findBy('email', this.person)
    const from = this.from ? Date.parse(this.from) : 0
    const until = this.until ? Date.parse(this.until) : Number.MAX_SAFE_INTEGER
    const problem = !person
      ? `There is no user ${this.person}`
      : Number.isNaN(from) || Number.isNaN(until) || from > until
        ? 'Expected --from before --until, as instants such as 2026-11-22T00:00:00Z'
        : !this.release && !this.reason?.trim()
          ? 'Expected --reason'
          : null
    if (problem || !person) {
      this.logger.error(problem ?? '')
      this.exitCode = EXIT.usage
      return
    }
    const holds = this.release
      ? await this.#release(person)
      : await this.#hold(person, { from, until })
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ person: person.email, holds })}\n`)
      return
    }
    this.logger.success(
      this.release ? `Released ${holds} holds on ${person.fullName}` : `Held for ${person.fullName}`
    )
  }

  async #release(person: User): Promise<number> {
    return db.transaction(async (trx) => {
      const released = await trx
        .from('retention_holds')
        .where('person_id', person.id)
        .whereNull('released_at')
        .update({ released_at: Date.now() })
      await recordChange(trx, 'command', 'hold.release', objectOf(person))
      return Number(released)
    })
  }

  async #hold(person: User, span: { from: number; until: number }): Promise<number> {
    await createHold('command', person.id, { ...span, reason: this.reason })
    return 1
  }
}

function objectOf({ id }: User) {
  return { type: 'user', id, personId: id }
}
