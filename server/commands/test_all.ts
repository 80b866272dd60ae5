import { EXIT } from '#services/exit'
import { buildFrontEnd } from '#services/first_run/front_end'
import { findProgram } from '#services/first_run/virtual_display'
import { freePort } from '#services/testing/free_port'
import { startMariadb } from '#services/testing/mariadb'
import { runPart, type Part, type PartResult } from '#services/testing/part'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import { constants } from 'node:os'

const PARTS = ['agent', 'sqlite', 'mariadb', 'e2e', 'browser'] as const
/** Parts of these parts, for whoever names them. */
const NAMED = ['drive', 'storage'] as const
type Name = (typeof PARTS)[number] | (typeof NAMED)[number]

/** Parts that run one after the other. */
type Lane = readonly Name[]
type Write = (text: string) => void

/** Lanes that run side by side: the agent waits for displays and clocks most of its time. */
const AT_ONCE: readonly (readonly Lane[])[] = [
  [['agent'], ['sqlite', 'mariadb']],
  [['e2e', 'browser']],
  [['drive', 'storage']],
]

/** Debian packages of the programs that the tests run for real. */
const PACKAGES: Readonly<Record<string, string>> = {
  'Xvfb': 'xvfb',
  'import': 'imagemagick',
  'xrandr': 'x11-xserver-utils',
  'chromium': 'chromium',
  'mariadb-install-db': 'mariadb-server',
  'strace': 'strace',
  'faketime': 'faketime',
  'ip': 'iproute2',
  'curl': 'curl',
  'nft': 'nftables',
  'redis-server': 'redis-server',
  'openssl': 'openssl',
  'script': 'bsdutils',
}

const PROGRAMS: Readonly<Record<Name, readonly string[]>> = {
  agent: ['Xvfb', 'import', 'xrandr', 'strace', 'faketime', 'ip', 'nft', 'openssl', 'script'],
  sqlite: ['curl'],
  mariadb: ['mariadb-install-db', 'curl'],
  e2e: ['Xvfb', 'import', 'mariadb-install-db', 'redis-server', 'strace'],
  browser: ['Xvfb', 'chromium'],
  drive: [],
  storage: ['chromium'],
}

/** How much longer a part may take in its long form. */
const LONGER = 15

/** Parts whose server shows pages, which need the built front end. */
const WITH_PAGES: readonly Name[] = ['sqlite', 'mariadb', 'e2e', 'browser', 'storage']

export default class TestAll extends BaseCommand {
  static commandName = 'test:all'
  static description = 'Run every test: agent, server on SQLite and on MariaDB, end to end, browser'
  static help = ['{{ binaryName }} test:all --only agent,sqlite']

  @flags.string({
    description: `Parts to run, of ${[...PARTS, ...NAMED].join(', ')}; default: all but the last two`,
  })
  declare only?: string

  @flags.boolean({
    description: 'Inject many more faults, for a night: the long form of each spec',
  })
  declare long: boolean

  @flags.boolean({ description: 'Print the totals as one JSON document on the standard output' })
  declare json: boolean

  async run() {
    const names = this.#names()
    if (!names || !this.#hasPrograms(names)) {
      return
    }
    const stopped = onSignal()
    const results: PartResult[] = []
    for (const lanes of AT_ONCE) {
      results.push(...(await this.#runAtOnce(lanes, names, stopped)))
    }
    this.#close(results, stopped)
  }

  /** Parts of one lane run one after the other; what a later lane prints waits for the earlier ones. */
  async #runAtOnce(lanes: readonly Lane[], names: readonly Name[], stopped: AbortSignal) {
    let earlier: Promise<unknown> = Promise.resolve()
    const running = lanes.map((lane) => {
      const results = this.#runLane(lane, names, stopped, writerAfter(earlier))
      earlier = Promise.all([earlier, results])
      return results
    })
    return (await Promise.all(running)).flat()
  }

  async #runLane(lane: Lane, names: readonly Name[], stopped: AbortSignal, write: Write) {
    const results: PartResult[] = []
    for (const name of lane.filter((part) => names.includes(part))) {
      if (!stopped.aborted) {
        results.push(await this.#run(name, stopped, write))
      }
    }
    return results
  }

  #names(): readonly Name[] | null {
    const wanted = this.only?.split(',') ?? PARTS
    const known: readonly string[] = [...PARTS, ...NAMED]
    const unknown = wanted.filter((name) => !known.includes(name))
    if (unknown.length > 0) {
      this.logger.error(`--only takes ${known.join(', ')}; got ${unknown.join(', ')}`)
      this.exitCode = EXIT.usage
      return null
    }
    return wanted as readonly Name[]
  }

  /** Nothing is left out because a tool is missing: then the run says which and ends. */
  #hasPrograms(names: readonly Name[]): boolean {
    const needed = new Set(names.flatMap((name) => PROGRAMS[name]))
    const missing = [...needed].filter((program) => !findProgram(program))
    if (missing.length === 0) {
      return true
    }
    const packages = missing.map((program) => PACKAGES[program]).join(' ')
    this.logger.error(
      `The tests need ${missing.join(', ')}: sudo apt-get install --no-install-recommends ${packages}`
    )
    this.exitCode = EXIT.invalidConfig
    return false
  }

  /** A part that cannot be started has failed; the others still run. */
  async #run(name: Name, stopped: AbortSignal, write: Write): Promise<PartResult> {
    const startedAt = Date.now()
    write(`\n━━ ${PART[name].title} ━━\n`)
    try {
      if (WITH_PAGES.includes(name)) {
        await buildFrontEnd(this.app.makePath())
      }
      return await (name === 'mariadb'
        ? this.#runOnMariadb(stopped, write)
        : this.#runPart(name, stopped, {}, write))
    } catch (error) {
      this.logger.error(error instanceof Error ? error.message : String(error))
      return { name, passed: 0, failed: 1, seconds: Math.round((Date.now() - startedAt) / 1000) }
    }
  }

  async #runOnMariadb(stopped: AbortSignal, write: Write): Promise<PartResult> {
    const folder = this.app.makePath(`tmp/mariadb-${process.pid}`)
    const mariadb = await startMariadb(folder, stopped)
    try {
      return await this.#runPart('mariadb', stopped, mariadb.environment, write)
    } finally {
      await mariadb.stop()
    }
  }

  async #runPart(name: Name, stopped: AbortSignal, environment: NodeJS.ProcessEnv, write: Write) {
    const long = this.long ? { WORKSIGHT_TEST_LONG: '1' } : {}
    const part = {
      ...PART[name],
      minutes: PART[name].minutes * (this.long ? LONGER : 1),
      environment: { PORT: String(await freePort()), ...long, ...environment },
    }
    return runPart(part, this.app.makePath(), stopped, write)
  }

  #close(results: readonly PartResult[], stopped: AbortSignal) {
    const passed = results.reduce((sum, result) => sum + result.passed, 0)
    const failed = results.reduce((sum, result) => sum + result.failed, 0)
    process.stderr.write('\n')
    for (const result of results) {
      const counts = `${result.passed} passed, ${result.failed} failed`
      process.stderr.write(`${result.name.padEnd(10)}${counts.padEnd(28)}${result.seconds} s\n`)
    }
    this.exitCode = stopped.aborted
      ? 128 + constants.signals[stopped.reason as NodeJS.Signals]
      : failed > 0
        ? EXIT.unexpected
        : EXIT.ok
    const total = this.json
      ? JSON.stringify({ passed, failed, parts: results })
      : `${passed} passed, ${failed} failed`
    process.stdout.write(`${total}\n`)
  }
}

/** Writes at once when `earlier` is over, and keeps until then. */
function writerAfter(earlier: Promise<unknown>): Write {
  let kept: string[] | null = []
  const flush = () => {
    process.stderr.write(kept?.join('') ?? '')
    kept = null
  }
  earlier.then(flush, flush)
  return (text) => {
    if (kept) {
      kept.push(text)
    } else {
      process.stderr.write(text)
    }
  }
}

/** Aborted by the first of the signals that end a run; later ones change nothing. */
function onSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort(signal))
  }
  return stop.signal
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
    title: 'The agent and its plugins',
    command: [process.execPath, 'agent-core/bin/test.ts'],
    minutes: 14,
  },
  sqlite: {
    name: 'sqlite',
    title: 'The server on SQLite',
    command: server(['unit', 'functional']),
    minutes: 12,
  },
  mariadb: {
    name: 'mariadb',
    title: 'The server on MariaDB',
    command: server(['unit', 'functional']),
    minutes: 12,
  },
  e2e: {
    name: 'e2e',
    title: 'Real processes, end to end',
    command: server(['end_to_end']),
    minutes: 14,
  },
  browser: {
    name: 'browser',
    title: 'Pages in Chromium',
    command: server(['browser']),
    minutes: 10,
  },
  drive: {
    name: 'drive',
    title: 'Files that agents send to Google Drive',
    command: [process.execPath, 'agent-core/bin/test.ts', '--files', 'drive-upload/*'],
    minutes: 3,
  },
  storage: {
    name: 'storage',
    title: 'Storages of the server, and pages of what stands on Google Drive',
    command: [
      ...server(['unit', 'functional', 'browser']),
      ...['drive/*', 'storage/*', 'drive.spec.ts'].flatMap((files) => ['--files', files]),
    ],
    minutes: 3,
  },
}
