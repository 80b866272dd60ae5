import User from '#models/user'
import { record } from '#services/audit'
import { EXIT } from '#services/exit'
import { exportPerson } from '#services/subject/export'
import type { ExportPeriod } from '#services/subject/rows'
import { addDays, dayOf, isDay, startOfDay } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { createWriteStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'

export default class ExportPerson extends BaseCommand {
  static commandName = 'export:person'
  static description = 'Write everything that is kept about a person, or of some days, into one zip'
  static help = [
    'The zip has a JSON list a table, the pictures and recordings as they are stored, and a manifest',
    'with the SHA-256 of each. Before it is made, a line in the log says so, which the person reads.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the person', required: true })
  declare person: string

  @flags.string({ description: 'First day, as 2026-11-19, where the person is; default: all' })
  declare from?: string

  @flags.string({ description: 'Last day; default: today' })
  declare to?: string

  @flags.string({ description: 'Why it is taken along, in words that the person reads' })
  declare purpose?: string

  @flags.string({ description: 'The file; default: <person>.zip' })
  declare out?: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const person = await User.findBy('email', this.person)
    if (!person) {
      return this.#end(EXIT.usage, `There is no user ${this.person}`)
    }
    const period = await this.#period(person)
    if (typeof period === 'string') {
      return this.#end(EXIT.usage, period)
    }
    const path = resolve(this.out ?? `${person.email}.zip`)
    if (existsSync(path)) {
      return this.#end(EXIT.refused, `${path} is there already`)
    }
    await this.#note(person, period)
    const { zip, manifest } = await exportPerson(person, period)
    await pipeline(zip, createWriteStream(path, { mode: 0o600, flags: 'wx' }))
    const {
      manifest: { files, missing },
      sha256,
    } = await manifest
    if (this.json) {
      const answer = { path, files: files.length, missing, manifest_sha256: sha256 }
      process.stdout.write(`${JSON.stringify(answer)}\n`)
      return
    }
    this.logger.success(`${files.length} files in ${path}; manifest ${sha256}`)
    if (missing.length > 0) {
      this.logger.warning(`Missing on the disk: ${missing.join(', ')}`)
    }
  }

  /** The days that are asked for, null for everything, or what is wrong with them. */
  async #period(person: User): Promise<ExportPeriod | null | string> {
    if (this.from === undefined && this.to === undefined) {
      return null
    }
    const calendar = await calendarOf(person)
    const { from = '2000-01-01', to = dayOf(calendar, Date.now()) } = this
    if (!isDay(from) || !isDay(to) || from > to) {
      return 'Expected --from before --to, as days such as 2026-11-19'
    }
    const span = { from: startOfDay(calendar, from), until: startOfDay(calendar, addDays(to, 1)) }
    return { from, to, span }
  }

  /** What leaves is written down before it does. */
  async #note(person: User, period: ExportPeriod | null) {
    await record({
      ...{ kind: 'look', action: 'export', actor: 'command', actor_id: null, agent_id: null },
      ...{ person_id: person.id, object_id: period && `${period.from}:${period.to}` },
      ...{ purpose: this.purpose?.trim().slice(0, 200) || null, details: null, address: null },
    })
  }

  #end(code: number, message: string) {
    this.logger.error(message)
    this.exitCode = code
  }
}
