import User from '#models/user'
import { DEMO_DOMAIN } from '#services/demo/cast'
import { seedDemo } from '#services/demo/seed'
import { EXIT } from '#services/exit'
import { makePassword } from '#services/secrets'
import { isDay } from '#services/timeline/calendar'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { DateTime } from 'luxon'

export default class DemoSeed extends BaseCommand {
  static commandName = 'demo:seed'
  static description =
    'Make people with days of drawn work, so that every page has something to show'
  static help = [
    'The same flags give the same people and days. Everybody of the demo has an address in',
    `${DEMO_DOMAIN} and one password, which is made anew and printed once. "demo:clear" removes them.`,
  ]
  static options: CommandOptions = { startApp: true }

  @flags.number({ description: 'How many people, 1 to 1000', default: 5 })
  declare people: number

  @flags.number({ description: 'How many days, 1 to 400', default: 14 })
  declare days: number

  @flags.number({ description: 'Where the drawing of lots begins', default: 1 })
  declare seed: number

  @flags.string({ description: 'The last day, as 2026-11-20; default: today' })
  declare until?: string

  @flags.number({ description: 'How many of the last days have pictures', default: 14 })
  declare pictureDays: number

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const until = this.until ?? DateTime.utc().toISODate()
    const isWhole = (value: number, least: number, most: number) =>
      Number.isInteger(value) && value >= least && value <= most
    if (
      !isDay(until) ||
      !isWhole(this.people, 1, 1000) ||
      !isWhole(this.days, 1, 400) ||
      !isWhole(this.pictureDays, 0, 400) ||
      !Number.isInteger(this.seed)
    ) {
      return this.#refuse('Expected --people 1 to 1000, --days 1 to 400, --until YYYY-MM-DD')
    }
    if (await User.query().where('email', 'like', `%@${DEMO_DOMAIN}`).first()) {
      return this.#refuse('There is a demo already: remove it first with "node ace demo:clear"')
    }
    const { people, days, seed, pictureDays } = this
    const password = makePassword()
    const now = Date.now()
    const counts = await seedDemo({ people, days, seed, until, now, pictureDays, password })
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ ...counts, password })}\n`)
      return
    }
    for (const [what, count] of Object.entries(counts)) {
      this.logger.success(`${count} ${what}`)
    }
    this.logger.info(
      `Sign in as dana.reyes@${DEMO_DOMAIN} or luca.moretti@${DEMO_DOMAIN} (manager)`
    )
    this.logger.info(`Password of everybody in the demo, shown once: ${password}`)
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = EXIT.usage
  }
}
