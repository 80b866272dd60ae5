import { OBSERVATION_TABLES } from '#services/observation_rows'
import { firstLine } from '#services/first_run/virtual_display'
import { Processes, runToEnd } from '#services/first_run/processes'
import { freePort } from '#services/testing/free_port'
import app from '@adonisjs/core/services/app'
import Sqlite from 'better-sqlite3'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'

const ROOT = app.makePath()
const ACE = join(ROOT, 'ace')
const AGENT = join(ROOT, 'agent-core/bin/agent.ts')
const LOAD = join(ROOT, 'agent-core/testing/load.ts')

export type Row = { readonly id: string; readonly seq: number }

/**
 * A server, a display and an agent of their own, as real processes with a real database file, in a
 * folder that goes away. Nothing of it is shared with another test or with `storage/`.
 */
export class World {
  readonly folder: string
  readonly port: number
  readonly #processes = new Processes()
  #server: ChildProcess | null = null
  #agent: ChildProcess | null = null
  #display = ''
  readonly #changes: NodeJS.ProcessEnv
  readonly #site: string

  private constructor(folder: string, port: number, changes: NodeJS.ProcessEnv, site: string) {
    this.folder = folder
    this.port = port
    this.#changes = changes
    this.#site = site
  }

  /** `changes` are laid over the environment of everything in it; `site` is one of `config/sites`. */
  static async make(changes: NodeJS.ProcessEnv = {}, site = 'default'): Promise<World> {
    const folder = await mkdtemp(app.makePath('tmp/world-'))
    return new World(folder, await freePort(), changes, site)
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  get display() {
    return this.#display
  }

  /** Ends everything and removes the folder. */
  async end() {
    await this.#processes.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Migrates, and makes an owner, a sign-in key and an enrolment code. */
  async setUp(): Promise<{
    migrations: number
    owner: { email: string; password: string }
    sign_in_key: string
    enrolment_code: string
  }> {
    return this.#ace('worksight:setup', '--enrol', this.#site)
  }

  /** Makes an account of a role, `<role>@example.test`. */
  makeUser(role: string): Promise<{ email: string; password: string }> {
    return this.#ace('user:create', '--email', `${role}@example.test`, '--role', role)
  }

  /** Runs a command of the server; gives the document that it prints. */
  run<Result>(...command: string[]): Promise<Result> {
    return this.#ace(...command)
  }

  /** Runs a command of the server as it is typed: what it printed, and its exit code. */
  aceCommand(...command: string[]) {
    return runToEnd([process.execPath, ACE, ...command], { cwd: ROOT, env: this.#environment })
  }

  /** Starts a command of the server, under another program, and leaves it running. */
  startCommand(command: string, { under }: { under: readonly [string, ...string[]] }) {
    return this.#start('command', [...under, process.execPath, ACE, command])
  }

  /** `changes` are laid over the environment of the server alone; `health` is what it is waited for. */
  async startServer(changes: NodeJS.ProcessEnv = {}, health = 200) {
    this.#server = await this.#serve('server', this.port, changes, health)
  }

  /** Starts another server on the same database and files; answers its address. */
  async startSecondServer(): Promise<string> {
    const port = await freePort()
    await this.#serve('second server', port)
    return `http://127.0.0.1:${port}`
  }

  killServer() {
    return kill(this.#server, 'SIGKILL')
  }

  /** Asks the server to stop; resolves to its exit code. */
  async stopServer(): Promise<number | null> {
    await kill(this.#server, 'SIGTERM')
    return this.#server?.exitCode ?? null
  }

  async #serve(
    name: string,
    port: number,
    changes: NodeJS.ProcessEnv = {},
    health = 200
  ): Promise<ChildProcess> {
    const command = [process.execPath, '--import=@poppinss/ts-exec', join(ROOT, 'bin/server.ts')]
    const changed = { PORT: String(port), ...changes }
    const child = this.#start(name, command as [string, ...string[]], changed)
    await until(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null)
      return answer?.status === health
    }, `the server answers ${health}`)
    return child
  }

  /** The token that the agent got when it was enrolled. */
  async token(): Promise<string> {
    const stored = await readFile(join(this.folder, 'agent/identity.json'), 'utf8')
    return (JSON.parse(stored) as { identity: { token: string } }).identity.token
  }

  /**
   * Records at least `events` events, and more until `finish`, every tenth with a picture, and
   * delivers them, as a process of its own. `accepted` grows with what its spool took; `finish`
   * resolves to its counters when all of it is delivered, or to null when it failed.
   */
  startLoad(events: number, giveUpMs = 90_000) {
    const order = JSON.stringify({ dataDir: join(this.folder, 'agent'), events, giveUpMs })
    const child = spawn(process.execPath, [LOAD, order], { stdio: ['pipe', 'pipe', 'inherit'] })
    const accepted = new Map<string, { readonly seq: number; readonly sha256: string | null }>()
    let counters: Record<string, number> | null = null
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, seq, sha256, ...end } = JSON.parse(line)
      if (id) {
        accepted.set(id, { seq, sha256 })
      } else {
        counters = end.counters
      }
    })
    const ended = new Promise<Record<string, number> | null>((resolve) =>
      child.once('close', () => resolve(counters))
    )
    const finish = () => {
      child.stdin.end()
      return ended
    }
    return { accepted, finish }
  }

  /** Starts an Xvfb of `width` × `height` pixels. */
  async startDisplay(width = 800, height = 600) {
    const size = `${width}x${height}x24`
    const xvfb = this.#start('xvfb', [
      'Xvfb',
      '-displayfd',
      '3',
      '-screen',
      '0',
      size,
      '-nolisten',
      'tcp',
      '-noreset',
    ])
    this.#display = `:${await firstLine(xvfb.stdio[3] as Readable)}`
  }

  /** Starts the moving demo desktop on the display. */
  startDemo() {
    this.#start('demo', [process.execPath, join(ROOT, 'agent-plugins/screenshot/demo_display.ts')])
  }

  /** Enrols the agent; `more` are flags beside the usual ones. */
  async enrol(code: string, ...more: string[]) {
    const notice = await this.agentCommand('notice', '--json')
    const { sha256 }: { sha256: string } = JSON.parse(notice.stdout)
    const flags = ['--server', this.url, '--code', code, '--acknowledge', sha256, '--json', ...more]
    const { code: exit, stderr } = await this.agentCommand('enrol', ...flags)
    if (exit !== 0) {
      throw new Error(`E_ENROL: enrol ended with ${exit}: ${stderr}`)
    }
  }

  startAgent() {
    this.#agent = this.#start('agent', [process.execPath, AGENT, 'run', ...this.#agentFlags])
  }

  killAgent() {
    return kill(this.#agent, 'SIGKILL')
  }

  /** Asks the agent to stop; resolves to its exit code. */
  async stopAgent(): Promise<number | null> {
    await kill(this.#agent, 'SIGTERM')
    return this.#agent?.exitCode ?? null
  }

  agentCommand(name: string, ...flags: string[]) {
    return runToEnd([process.execPath, AGENT, name, ...flags, ...this.#agentFlags], {
      cwd: ROOT,
      env: this.#environment,
    })
  }

  /** Runs a command of a second agent, which has a folder of its own. */
  secondAgentCommand(name: string, ...flags: string[]) {
    const folder = ['--data-dir', join(this.folder, 'second-agent'), '--site', this.#site]
    return runToEnd([process.execPath, AGENT, name, ...flags, ...folder], {
      cwd: ROOT,
      env: this.#environment,
    })
  }

  /** The codes that computers show which wait to be confirmed. */
  shownCodes(): string[] {
    const database = new Sqlite(join(this.folder, 'database.sqlite'), { readonly: true })
    try {
      const sql = "select user_code from enrolment_requests where state = 'open'"
      const rows = database.prepare(sql).all() as { user_code: string }[]
      return rows.map(({ user_code: code }) => `${code.slice(0, 4)}-${code.slice(4)}`)
    } finally {
      database.close()
    }
  }

  async agentStatus(): Promise<{
    running: boolean
    spool: { accepted: number; delivered: number; queued: number }
  }> {
    return JSON.parse((await this.agentCommand('status', '--json')).stdout)
  }

  /** Everything the server has, of every kind, by number. */
  observations(): Row[] {
    const database = new Sqlite(join(this.folder, 'database.sqlite'), { readonly: true })
    try {
      return OBSERVATION_TABLES.flatMap(
        (table) => database.prepare(`select id, seq from ${table}`).all() as Row[]
      ).sort((one, other) => one.seq - other.seq)
    } finally {
      database.close()
    }
  }

  /** Stored screenshots, newest last: path, hash and size. */
  screenshots(): {
    id: string
    path: string
    sha256: string
    captured_at: number
    received_at: number
  }[] {
    const database = new Sqlite(join(this.folder, 'database.sqlite'), { readonly: true })
    try {
      const rows = database
        .prepare(
          'select id, media_key, sha256, captured_at, received_at from screenshots order by captured_at'
        )
        .all() as {
        id: string
        media_key: string
        sha256: string
        captured_at: number
        received_at: number
      }[]
      return rows.map(({ media_key: key, ...row }) => ({
        ...row,
        path: join(this.folder, 'media/files', key),
      }))
    } finally {
      database.close()
    }
  }

  /** Stored recordings, newest last: path, hash, whether the recorder finished them, milliseconds. */
  recordings(): {
    id: string
    path: string
    sha256: string
    complete: number
    duration_ms: number
    recording_id: string
  }[] {
    const database = new Sqlite(join(this.folder, 'database.sqlite'), { readonly: true })
    try {
      const columns = 'id, media_key, sha256, complete, duration_ms, recording_id'
      const rows = database
        .prepare(`select ${columns} from recordings order by captured_at`)
        .all() as {
        id: string
        media_key: string
        sha256: string
        complete: number
        duration_ms: number
        recording_id: string
      }[]
      return rows.map(({ media_key: key, ...row }) => ({
        ...row,
        path: join(this.folder, 'media/files', key),
      }))
    } finally {
      database.close()
    }
  }

  /** Runs a command of the server; gives the document that it prints. */
  async #ace<Result>(...command: string[]): Promise<Result> {
    const { code, stdout, stderr } = await this.aceCommand(...command, '--json')
    if (code !== 0) {
      throw new Error(`E_ACE: ${command[0]} ended with ${code}: ${stderr}`)
    }
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  }

  get #agentFlags() {
    return ['--data-dir', join(this.folder, 'agent'), '--site', this.#site]
  }

  get #environment(): NodeJS.ProcessEnv {
    return {
      NODE_ENV: 'production',
      APP_KEY: 'only-for-tests-0123456789abcdef',
      HOST: '127.0.0.1',
      PORT: String(this.port),
      APP_URL: this.url,
      LOG_LEVEL: 'warn',
      DB_CONNECTION: 'sqlite',
      SQLITE_FILE: join(this.folder, 'database.sqlite'),
      STORAGE_PATH: join(this.folder, 'media'),
      DISPLAY: this.#display,
      WAYLAND_DISPLAY: '',
      WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: '1',
      WORKSIGHT_HEARTBEAT_INTERVAL_SECONDS: '2',
      ...this.#changes,
    }
  }

  #start(name: string, command: readonly [string, ...string[]], changes: NodeJS.ProcessEnv = {}) {
    const logFile = join(this.folder, `${name}.log`)
    return this.#processes.start(
      name,
      command,
      { cwd: ROOT, env: { ...this.#environment, ...changes }, logFile },
      () => {}
    )
  }
}

/** Waits until `check` holds; throws when it does not within `seconds`. */
export async function until(
  check: () => boolean | Promise<boolean>,
  what: string,
  seconds = 30
): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await check())) {
    if (Date.now() > end) {
      throw new Error(`E_WAITED: expected that ${what} within ${seconds} s`)
    }
    await wait(100)
  }
}

function kill(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve()
  }
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
