import User from '#models/user'
import { EXIT } from '#services/exit'
import { exportPerson } from '#services/subject/export'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'

export default class ExportPerson extends BaseCommand {
  static commandName = 'export:person'
  static description = 'Write everything that is kept about a person into one zip'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the person', required: true })
  declare person: string

  @flags.string({ description: 'The file; default: <person>.zip' })
  declare out?: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const person = await User.findBy('email', this.person)
    if (!person) {
      this.logger.error(`There is no user ${this.person}`)
      this.exitCode = EXIT.usage
      return
    }
    const path = resolve(this.out ?? `${person.email}.zip`)
    const { zip, manifest } = await exportPerson(person)
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
}
