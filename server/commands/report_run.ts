import Team from '#models/team'
import User from '#models/user'
import { record } from '#services/audit'
import { csv } from '#services/csv'
import { EXIT } from '#services/exit'
import { organisationZone } from '#services/organisation'
import { makeReport, REPORTS, type Period, type ReportName } from '#services/reports'
import { disabled, type Scope } from '#services/stats/scope'
import { addDays, countDays, isDay } from '#services/timeline/calendar'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { DateTime } from 'luxon'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

const MOST_DAYS = 400
const FORMATS = ['csv', 'json'] as const

type Asked = { readonly name: ReportName; readonly scope: Scope; readonly period: Period }

export default class ReportRun extends BaseCommand {
  static commandName = 'report:run'
  static description = 'Print a report: days, weeks or categories of everybody, a team or a person'
  static help = [
    'Figures of a group are shown from five people on. Those of one person, and the sessions, need',
    '--person and --purpose, and stand in the log that the person reads.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: `What to report: ${REPORTS.join(', ')}`, default: 'days' })
  declare name: string

  @flags.string({ description: 'First day, as 2026-11-19; default: 13 days before --to' })
  declare from?: string

  @flags.string({ description: 'Last day; default: today, where the organisation is' })
  declare to?: string

  @flags.string({ description: `${FORMATS.join(' or ')}; default: csv` })
  declare format?: string

  @flags.string({ description: 'Name of a team' })
  declare team?: string

  @flags.string({ description: 'E-mail of a person' })
  declare person?: string

  @flags.string({ description: 'Why one looks at this person, in words that the person reads' })
  declare purpose?: string

  @flags.string({ description: 'The file to write; default: the standard output' })
  declare out?: string

  @flags.boolean({ description: 'The same as --format=json' })
  declare json: boolean

  async run() {
    const format = this.format ?? (this.json ? 'json' : 'csv')
    const asked = await this.#asked(format)
    if (typeof asked === 'string') {
      this.logger.error(asked)
      this.exitCode = EXIT.usage
      return
    }
    await this.#note(asked)
    const { document, table } = await makeReport(asked.name, asked.scope, asked.period)
    await this.#write(format === 'json' ? `${JSON.stringify(document)}\n` : csv(table))
  }

  /** What is asked for, or what is wrong with it. */
  async #asked(format: string): Promise<Asked | string> {
    const name = REPORTS.find((one) => one === this.name)
    if (!name) {
      return `--name takes ${REPORTS.join(', ')}; got ${this.name}`
    }
    if (!FORMATS.some((one) => one === format)) {
      return `--format takes ${FORMATS.join(' or ')}; got ${format}`
    }
    const to =
      this.to ??
      DateTime.now()
        .setZone(await organisationZone())
        .toISODate()
    if (!isDay(to) || (this.from !== undefined && !isDay(this.from))) {
      return 'Expected days as 2026-11-19'
    }
    const from = this.from ?? addDays(to, -13)
    if (from > to || countDays(from, to) > MOST_DAYS) {
      return `The period must have 1 to ${MOST_DAYS} days`
    }
    const scope = await this.#scope(name)
    return typeof scope === 'string' ? scope : { name, scope, period: { from, to } }
  }

  async #scope(name: ReportName): Promise<Scope | string> {
    if (this.person) {
      const person = await User.findBy('email', this.person)
      if (!person) {
        return `There is no user ${this.person}`
      }
      return this.purpose?.trim()
        ? { kind: 'person', person, ids: [person.id] }
        : 'Expected --purpose: the person reads why somebody looked'
    }
    if (name === 'sessions') {
      return 'Sessions are of one person: expected --person'
    }
    const team = this.team ? await Team.findBy('name', this.team) : null
    if (this.team && !team) {
      return `There is no team "${this.team}"`
    }
    const people = User.query().whereNull('disabled_at').select('id')
    const found = await (team ? people.where('team_id', team.id) : people)
    const ids = found.map(({ id }) => id)
    return { kind: 'group', team: team?.id ?? null, ids, without: team ? null : await disabled() }
  }

  /** Figures of one person are written down before they are printed. */
  async #note({ name, scope, period }: Asked) {
    if (scope.kind === 'person') {
      await record({
        ...{ kind: 'look', action: 'report', actor: 'command', actor_id: null, agent_id: null },
        ...{ person_id: scope.person.id, object_id: `${name}:${period.from}:${period.to}` },
        ...{ purpose: this.purpose?.trim().slice(0, 200) ?? null, details: null, address: null },
      })
    }
  }

  async #write(text: string) {
    if (!this.out) {
      process.stdout.write(text)
      return
    }
    const path = resolve(this.out)
    await writeFile(path, text, { mode: 0o600 })
    this.logger.success(path)
  }
}
