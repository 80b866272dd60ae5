import Team from '#models/team'
import User from '#models/user'
import { appUrl } from '#config/app'
import { createEnrolmentCode } from '#services/enrolment'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import string from '@adonisjs/core/helpers/string'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class AgentInvite extends BaseCommand {
  static commandName = 'agent:invite'
  static description = 'Make an enrolment code and print the line to run on the computer'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the person whose computer it is' })
  declare person?: string

  @flags.string({ description: 'Name of a team: a code for each of its people' })
  declare team?: string

  @flags.string({ description: 'Name of the agent; default: the name of the computer' })
  declare name?: string

  @flags.string({ description: 'Site: the plugin list the agent runs', default: 'default' })
  declare site: string

  @flags.string({ description: 'How long the code is good for, such as 10m or 2h', default: '10m' })
  declare ttl: string

  @flags.number({ description: 'How many computers may use it', default: 1 })
  declare uses: number

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const person = this.person ? await User.findBy('email', this.person) : null
    if (this.person && !person) {
      return this.#refuse(`There is no user ${this.person}; make one with "node ace user:create"`)
    }
    const seconds = secondsOf(this.ttl)
    if (!seconds) {
      return this.#refuse(`--ttl must be a time such as 10m or 2h, got "${this.ttl}"`)
    }
    if (!Number.isInteger(this.uses) || this.uses < 1 || this.uses > 10_000) {
      return this.#refuse(`--uses must be a whole number from 1 to 10000, got ${this.uses}`)
    }
    if (this.team === undefined) {
      const invitation = await this.#invite(person, seconds)
      return this.json ? write(invitation) : this.#print(invitation)
    }
    if (this.person || this.name) {
      return this.#refuse('--team makes a code for each person: leave --person and --name out')
    }
    const people = await User.query()
      .whereIn('team_id', Team.query().where('name', this.team).select('id'))
      .whereNull('disabled_at')
      .orderBy('email')
    if (people.length === 0) {
      return this.#refuse(`There is nobody in a team "${this.team}"`)
    }
    const invitations: Invitation[] = []
    for (const each of people) {
      invitations.push(await this.#invite(each, seconds))
    }
    if (this.json) {
      return write({ team: this.team, invitations })
    }
    invitations.forEach((invitation) => this.#print(invitation))
  }

  async #invite(person: User | null, seconds: number): Promise<Invitation> {
    const { code, enrolmentCode } = await createEnrolmentCode({
      site: this.site,
      name: this.name ?? null,
      personId: person?.id ?? null,
      createdBy: null,
      ttlMinutes: seconds / 60,
      uses: this.uses,
    })
    return {
      ...(person && { person: person.email }),
      code,
      server: appUrl,
      site: this.site,
      expires_at: new Date(enrolmentCode.expiresAt).toISOString(),
      line: `worksight-agent enrol --server ${appUrl} --code ${code}`,
    }
  }

  #print({ person, expires_at: expiresAt, line }: Invitation) {
    const whose = person ? ` of ${person}` : ''
    const computers = this.uses === 1 ? 'one computer' : `${this.uses} computers`
    this.logger.success(`Code for ${computers}${whose}, until ${expiresAt}`)
    this.logger.log(`\n  ${line}\n`)
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = EXIT.usage
  }
}

/** What the command prints with --json; of a team, a list of them. */
type Invitation = {
  readonly person?: string
  readonly code: string
  readonly server: string
  readonly site: string
  readonly expires_at: string
  readonly line: string
}

function write(document: object) {
  process.stdout.write(`${JSON.stringify(document)}\n`)
}

function secondsOf(text: string): number | null {
  try {
    const seconds = string.seconds.parse(text)
    return Number.isFinite(seconds) && seconds > 0 ? seconds : null
  } catch {
    return null
  }
}
