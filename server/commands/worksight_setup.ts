import SignInLink from '#models/sign_in_link'
import User from '#models/user'
import { createEnrolmentCode } from '#services/enrolment'
import { EXIT } from '#services/exit'
import { alone } from '#services/first_run/alone'
import { hashSecret, makeLinkKey, makePassword } from '#services/secrets'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import db from '@adonisjs/lucid/services/db'
import { MigrationRunner } from '@adonisjs/lucid/migration'

/** How long a sign-in link is good for, in minutes. */
const LINK_MINUTES = 15

/** What `worksight:setup --json` prints. */
export type SetupAnswer = {
  readonly migrations: number
  readonly owner: { readonly email: string; readonly password: string | null }
  readonly sign_in_key: string
  readonly enrolment_code: string | null
}

export default class WorksightSetup extends BaseCommand {
  static commandName = 'worksight:setup'
  static description =
    'Migrate the database and make the first owner, with a link that signs in once'
  static help = ['Safe to run again: an owner is made only where there is none.']
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the owner to make', default: 'admin@worksight.test' })
  declare email: string

  @flags.string({ description: 'Also make an enrolment code, for one agent of this site' })
  declare enrol?: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  run() {
    return alone(() => this.#run())
  }

  async #run() {
    const migrations = await this.#migrate()
    if (migrations === null) {
      return
    }
    const { owner, password } = await this.#owner()
    const answer: SetupAnswer = {
      migrations,
      owner: { email: owner.email, password },
      sign_in_key: await this.#signInKey(owner),
      enrolment_code: this.enrol ? await this.#enrolmentCode(this.enrol, owner) : null,
    }
    this.#print(answer)
  }

  async #migrate(): Promise<number | null> {
    const runner = new MigrationRunner(db, this.app, { direction: 'up' })
    await runner.run()
    if (runner.error) {
      this.logger.error(`The database could not be migrated: ${runner.error.message}`)
      this.exitCode = EXIT.invalidConfig
      return null
    }
    return Object.keys(runner.migratedFiles).length
  }

  async #owner() {
    const existing = await User.query().where('role', 'owner').orderBy('id').first()
    if (existing) {
      return { owner: existing, password: null }
    }
    const password = makePassword()
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const owner = await User.create({
      email: this.email,
      fullName: 'Owner',
      role: 'owner',
      password,
      timeZone,
    })
    return { owner, password }
  }

  async #signInKey(owner: User) {
    const key = makeLinkKey()
    await SignInLink.create({
      userId: owner.id,
      hash: hashSecret(key),
      expiresAt: Date.now() + LINK_MINUTES * 60_000,
    })
    return key
  }

  async #enrolmentCode(site: string, owner: User) {
    const { code } = await createEnrolmentCode({
      site,
      name: null,
      personId: owner.id,
      createdBy: owner.id,
      ttlMinutes: LINK_MINUTES,
      uses: 1,
    })
    return code
  }

  #print(answer: SetupAnswer) {
    if (this.json) {
      process.stdout.write(`${JSON.stringify(answer)}\n`)
      return
    }
    this.logger.success(`Database ready (${answer.migrations} migrations run)`)
    this.logger.info(`Owner ${answer.owner.email}`)
    if (answer.owner.password) {
      this.logger.info(`Password, shown once: ${answer.owner.password}`)
    }
    this.logger.info(`Sign in once, within 15 minutes: /welcome?key=${answer.sign_in_key}`)
    if (answer.enrolment_code) {
      this.logger.info(`Enrolment code, for one computer: ${answer.enrolment_code}`)
    }
  }
}
