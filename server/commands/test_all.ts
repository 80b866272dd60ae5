import { EXIT } from '#services/exit'
import { buildFrontEnd } from '#services/first_run/front_end'
import { findProgram } from '#services/first_run/virtual_display'
import { freePort, startMariadb } from '#services/testing/mariadb'
import { runPart, type Part, type PartResult } from '#services/testing/part'
import { BaseCommand, flags } from '@adonisjs/core/ace'

/** Programs the tests run for real, with the Debian package of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'Xvfb': 'xvfb',
  'import': 'imagemagick',
  'xrandr': 'x11-xserver-utils',
  'chromium': 'chromium',
  'mariadb-install-db': 'mariadb-server',
}

const PARTS = ['agent', 'sqlite', 'mariadb', 'e2e', 'browser'] as const
type Name = (typeof PARTS)[number]

export default class TestAll extends BaseCommand {
  static commandName = 'test:all'
  static description = 'Run every test: agent, server on SQLite and on MariaDB, end to end, browser'
  static help = ['{{ binaryName }} test:all --only agent,sqlite']

  @flags.string({ description: `Parts to run, of ${PARTS.join(', ')}; default: all` })
  declare only?: string

  @flags.boolean({ description: 'Print the totals as one JSON document on the standard output' })
  declare json: boolean

  async run() {
    const names = this.#names()
    if (!names || !this.#hasPrograms()) {
      return
    }
    const results: PartResult[] = []
    for (const name of names) {
      results.push(await this.#run(name))
    }
    this.#close(results)
  }

  #names(): readonly Name[] | null {
    const wanted = this.only?.split(',') ?? PARTS
    const unknown = wanted.filter((name) => !PARTS.includes(name as Name))
    if (unknown.length > 0) {
      this.logger.error(`--only takes ${PARTS.join(', ')}; got ${unknown.join(', ')}`)
      this.exitCode = EXIT.usage
      return null
    }
    return wanted as readonly Name[]
  }

  /** Nothing is left out because a tool is missing: then the run says which and ends. */
  #hasPrograms(): boolean {
    const missing = Object.keys(PROGRAMS).filter((program) => !findProgram(program))
    if (missing.length === 0) {
      return true
    }
    const packages = missing.map((program) => PROGRAMS[program]).join(' ')
    this.logger.error(`The tests need ${missing.join(', ')}: sudo apt-get install ${packages}`)
    this.exitCode = EXIT.invalidConfig
    return false
  }

  async #run(name: Name): Promise<PartResult> {
    process.stderr.write(`\n━━ ${name} ━━\n`)
    if (name === 'browser' || name === 'sqlite') {
      await buildFrontEnd(this.app.makePath())
    }
    if (name !== 'mariadb') {
      return this.#runPart(name, {})
    }
    const mariadb = await startMariadb(this.app.makePath('tmp/test-mariadb'))
    try {
      return await this.#runPart(name, mariadb.environment)
    } finally {
      await mariadb.stop()
    }
  }

  async #runPart(name: Name, environment: NodeJS.ProcessEnv): Promise<PartResult> {
    const part = { ...PART[name], environment: { PORT: String(await freePort()), ...environment } }
    return runPart(part, this.app.makePath(), (text) => process.stderr.write(text))
  }

  #close(results: readonly PartResult[]) {
    const passed = results.reduce((sum, result) => sum + result.passed, 0)
    const failed = results.reduce((sum, result) => sum + result.failed, 0)
    process.stderr.write('\n')
    for (const result of results) {
      const counts = `${result.passed} passed, ${result.failed} failed`
      process.stderr.write(`${result.name.padEnd(10)}${counts.padEnd(28)}${result.seconds} s\n`)
    }
    this.exitCode = failed > 0 ? EXIT.unexpected : EXIT.ok
    const total = this.json
      ? JSON.stringify({ passed, failed, parts: results })
      : `${passed} passed, ${failed} failed`
    process.stdout.write(`${total}\n`)
  }
}

const server = (suites: readonly string[]): readonly [string, ...string[]] => [
  process.execPath,
  '--import=@poppinss/ts-exec',
  'bin/test.ts',
  ...suites,
]

const PART: Readonly<Record<Name, Omit<Part, 'environment'>>> = {
  agent: {
    name: 'agent',
    title: 'Specs of the agent and its plugins',
    command: [process.execPath, 'agent-core/bin/test.ts'],
    minutes: 8,
  },
  sqlite: {
    name: 'sqlite',
    title: 'The server on SQLite',
    command: server(['unit', 'functional']),
    minutes: 5,
  },
  mariadb: {
    name: 'mariadb',
    title: 'The server on MariaDB',
    command: server(['functional']),
    minutes: 5,
  },
  e2e: {
    name: 'e2e',
    title: 'Real processes, end to end',
    command: server(['end_to_end']),
    minutes: 6,
  },
  browser: {
    name: 'browser',
    title: 'Pages in Chromium',
    command: server(['browser']),
    minutes: 6,
  },
}
