import type { Measured, Plan } from './load.ts'
import { SERVER_FLAGS } from '../../server/services/first_run/server_flags.ts'
import { createHash, randomBytes } from 'node:crypto'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export type Engine = 'mysql' | 'sqlite'

export const ROOT = resolve(import.meta.dirname, '../..')
const CONNECTIONS = 32
export const [APP_CORE, LOAD_CORE] = ['0', '1']
/** Clock ticks a second, as /proc counts CPU time. */
const TICKS = 100
const WARM_EVENTS = 100

type Address = Pick<Plan, 'path' | 'batch' | 'upload' | 'everySeconds'>

type Recipe = {
  readonly name: string
  readonly scheme: string
  /** Makes tables and agents; gives the agents' tokens. Called before the start or, with `url`, after. */
  readonly tokens: (environment: NodeJS.ProcessEnv, url: string) => Promise<string[]> | string[]
  readonly command: (port: number, environment: NodeJS.ProcessEnv) => readonly string[]
  readonly environment?: NodeJS.ProcessEnv
  readonly setUpFirst: boolean
  readonly address: (workload: string, files: Files) => Address | null
}

type Files = Readonly<Record<'small' | 'large', string>>

/** One server that is measured, with a database of its own. */
export class Contestant {
  readonly name: string
  readonly #recipe: Recipe
  readonly #folder: string
  readonly #files: Files
  readonly #database: ChildProcess | null
  readonly #environment: NodeJS.ProcessEnv
  #server: ChildProcess | null = null
  #url = ''
  #tokens: string[] = []
  #from = 0

  constructor(
    recipe: Recipe,
    folder: string,
    files: Files,
    environment: NodeJS.ProcessEnv,
    database: ChildProcess | null
  ) {
    this.name = recipe.name
    this.#recipe = recipe
    this.#folder = folder
    this.#files = files
    this.#environment = environment
    this.#database = database
  }

  async start() {
    const port = await freePort()
    this.#url = `http://127.0.0.1:${port}`
    mkdirSync(join(this.#folder, 'media'), { recursive: true })
    const environment = {
      ...this.#environment,
      ...this.#recipe.environment,
      PORT: String(port),
      APP_URL: this.#url,
      FILE: join(this.#folder, 'peer.sqlite'),
      SQLITE_FILE: join(this.#folder, 'worksight.sqlite'),
      MEDIA: join(this.#folder, 'media'),
      STORAGE_PATH: join(this.#folder, 'media'),
    }
    if (this.#recipe.setUpFirst) {
      this.#tokens = await this.#recipe.tokens(environment, this.#url)
    }
    const log = openSync(join(this.#folder, `${this.name}.log`), 'a')
    this.#server = spawn('taskset', ['-c', APP_CORE, ...this.#recipe.command(port, environment)], {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', log, log],
      detached: true,
    })
    await answers(this.#url, this.#folder, this.name)
    if (!this.#recipe.setUpFirst) {
      this.#tokens = await this.#recipe.tokens(environment, this.#url)
    }
  }

  /** One round of a workload, or null where this contestant has no part in it. */
  async run(workload: string, seconds: number) {
    const address = this.#recipe.address(workload, this.#files)
    if (!address) {
      return null
    }
    const isUpload = address.upload !== undefined
    const plan: Plan = {
      url: this.#url,
      tokens: this.#tokens.slice(0, isUpload ? 4 : CONNECTIONS),
      scheme: this.#recipe.scheme,
      seconds,
      from: this.#from,
      ...address,
    }
    const before = this.#cpuSeconds()
    const { perSecond, p99Ms, failures, sent } = await load(plan)
    const after = this.#cpuSeconds()
    const [application, database] = [
      after.application - before.application,
      after.database - before.database,
    ].map((used) => (used * 1e6) / sent) as [number, number]
    this.#from += sent + WARM_EVENTS
    if (failures > 0) {
      throw new Error(`E_BENCH: ${this.name}, ${workload}: ${failures} requests failed`)
    }
    const size = isUpload ? readFileSync(address.upload?.file ?? '').length / 1e6 : 1
    return { perSecond: perSecond * size, p99Ms, application, database }
  }

  /** Whether it may use the machine: what it has left to do after its round must not burden another's. */
  setRunning(isRunning: boolean) {
    for (const pid of processesOf(this.#server)) {
      process.kill(pid, isRunning ? 'SIGCONT' : 'SIGSTOP')
    }
  }

  residentMegabytes(): number {
    const kilobytes = processesOf(this.#server).map((pid) =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    )
    return kilobytes.reduce((sum, value) => sum + value, 0) / 1024
  }

  async stop() {
    await end(this.#server)
    await end(this.#database)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** CPU time used so far. */
  #cpuSeconds() {
    return { application: cpuSeconds(this.#server), database: cpuSeconds(this.#database) }
  }
}

type Choice = {
  readonly names: readonly string[]
  /** Where what the CPU of ours was used for is written, where it is wanted. */
  readonly profile?: string | undefined
}

/** Starts the contestants that are named on an engine, ours first. */
export async function contestants(
  engine: Engine,
  say: (text: string) => void,
  { names, profile }: Choice
): Promise<Contestant[]> {
  requirePrograms()
  build(say)
  const started: Contestant[] = []
  for (const recipe of RECIPES.filter(({ name }) => names.includes(name))) {
    const folder = mkdtempSync(join(tmpdir(), 'worksight-bench-'))
    const files = makeFiles(folder)
    const { environment, database } =
      engine === 'mysql' ? await startMariadb(folder) : { environment: {}, database: null }
    const contestant = new Contestant(
      recipe,
      folder,
      files,
      { ...process.env, DB: engine, ...environment, ...(profile && { BENCH_PROFILE: profile }) },
      database
    )
    started.push(contestant)
    try {
      await contestant.start()
    } catch (error) {
      await Promise.all(started.map((each) => each.stop()))
      throw error
    }
    say(`${recipe.name} is up`)
  }
  return started
}

export const OURS = {
  NODE_ENV: 'production',
  APP_KEY: 'only-for-this-benchmark-0123456789abcdef',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
  API_REQUESTS_PER_MINUTE: '1000000000',
}

const WORKSIGHT: Recipe = {
  name: 'worksight',
  scheme: 'Bearer',
  setUpFirst: true,
  environment: OURS,
  tokens: (environment) => worksightTokens(environment),
  command: (_port, { BENCH_PROFILE: profile }) => [
    process.execPath,
    ...SERVER_FLAGS,
    ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
    join(ROOT, 'build/bin/server.js'),
  ],
  address(workload, files) {
    switch (workload) {
      case 'single':
        return { path: '/api/heartbeats', batch: 1 }
      case 'batch':
        return { path: '/api/observations', batch: 100 }
      case 'backlog':
        return { path: '/api/observations', batch: 100, everySeconds: 30 }
      case 'upload 200 KB':
        return upload('/api/recordings', files.small, recordingOf(files.small))
      default:
        return upload('/api/recordings', files.large, recordingOf(files.large))
    }
  },
}

const RECIPES: readonly Recipe[] = [
  WORKSIGHT,
  {
    ...WORKSIGHT,
    name: 'no sums',
    command: (port, environment) => {
      const [node = '', ...rest] = WORKSIGHT.command(port, environment)
      return [node, `--import=${join(import.meta.dirname, 'no_sums.js')}`, ...rest]
    },
  },
  {
    name: 'django',
    scheme: 'Token',
    setUpFirst: true,
    tokens: (environment) =>
      run('/usr/bin/python3', ['peer.py', String(CONNECTIONS)], environment, 'bench/peers/django')
        .trim()
        .split('\n'),
    command: (port) => [
      'gunicorn',
      '--chdir=bench/peers/django',
      `--bind=127.0.0.1:${port}`,
      '--workers=2',
      '--worker-class=gthread',
      '--threads=16',
      '--keep-alive=60',
      '--log-level=error',
      'peer:application',
    ],
    address(workload, files) {
      switch (workload) {
        case 'single':
          return { path: '/single', batch: 1 }
        case 'batch':
          return { path: '/batch', batch: 100 }
        case 'upload 200 KB':
          return upload('/upload', files.small, null)
        default:
          return upload('/upload', files.large, null)
      }
    },
  },
  {
    name: 'adonis',
    scheme: 'Bearer',
    setUpFirst: false,
    environment: { ...OURS },
    async tokens(_environment, url) {
      const answer = await fetch(`${url}/setup/${CONNECTIONS}`, { method: 'POST' })
      const text = await answer.text()
      if (!answer.ok) {
        throw new Error(`E_BENCH: the peer cannot be set up: ${text.slice(0, 500)}`)
      }
      return (JSON.parse(text) as { tokens: string[] }).tokens
    },
    command: () => [
      process.execPath,
      '--import=@poppinss/ts-exec',
      join(ROOT, 'bench/peers/adonis/bin/server.ts'),
    ],
    address: (workload) =>
      workload === 'single'
        ? { path: '/single', batch: 1 }
        : workload === 'batch'
          ? { path: '/batch', batch: 100 }
          : null,
  },
  {
    name: 'bare',
    scheme: 'Bearer',
    setUpFirst: true,
    tokens: () => Array.from({ length: CONNECTIONS }, (_, index) => String(index + 1)),
    command: () => [process.execPath, join(ROOT, 'bench/peers/bare.js')],
    address(workload, files) {
      switch (workload) {
        case 'single':
          return { path: '/', batch: 1 }
        case 'batch':
          return { path: '/', batch: 100 }
        case 'upload 200 KB':
          return {
            path: '/upload',
            batch: 1,
            upload: { file: files.small, as: 'raw', description: null },
          }
        default:
          return {
            path: '/upload',
            batch: 1,
            upload: { file: files.large, as: 'raw', description: null },
          }
      }
    },
  },
]

function upload(path: string, file: string, description: object | null): Address {
  return { path, batch: 1, upload: { file, as: 'multipart', description } }
}

/** Two videos of boxes that fill them: what a door looks at before it lets a segment in. */
function makeFiles(folder: string): Files {
  const box = (type: string, content: Buffer) => {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(8 + content.length, 0)
    head.write(type, 4, 'latin1')
    return Buffer.concat([head, content])
  }
  const video = (bytes: number) =>
    Buffer.concat([
      box('ftyp', Buffer.from('isom\0\0\0\0isom')),
      box('moov', Buffer.alloc(600, 1)),
      box('mdat', randomBytes(bytes)),
    ])
  const files = { small: join(folder, 'small.mp4'), large: join(folder, 'large.mp4') }
  writeFileSync(files.small, video(200_000))
  writeFileSync(files.large, video(20_000_000))
  return files
}

function recordingOf(path: string): object {
  const bytes = readFileSync(path)
  return {
    captured_at: '2026-11-22T10:00:00.000Z',
    utc_offset_minutes: 60,
    policy_version: 0,
    kind: 'recording',
    recording_id: '019aabcd-0000-7000-8000-000000000000',
    segment: 0,
    display: { id: '0', x: 0, y: 0, width: 640, height: 480, primary: true },
    width: 640,
    height: 480,
    frame_rate: 2,
    duration_ms: 10_000,
    media_type: 'video/mp4',
    codec: 'h264',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    source: 'x11grab',
    simulated: false,
    complete: true,
  }
}

/** Migrates by the command that people use, and makes agents; gives their tokens. */
export function worksightTokens(environment: NodeJS.ProcessEnv, count = CONNECTIONS): string[] {
  const settings = {
    ...environment,
    DB_CONNECTION: environment.DB === 'mysql' ? 'mysql' : 'sqlite',
  }
  Object.assign(environment, settings)
  run(process.execPath, ['ace.js', 'migration:run', '--force'], settings, 'build')
  const made = run(
    process.execPath,
    ['--import=@poppinss/ts-exec', join(ROOT, 'bench/support/make_agents.ts'), String(count)],
    settings,
    '.'
  )
  return JSON.parse(made.trim().split('\n').at(-1) ?? '[]')
}

/** Starts a MariaDB on what is in `folder`, or on an empty one; `options` go before the usual ones. */
export async function startMariadb(folder: string, options: readonly string[] = []) {
  const port = await freePort()
  const data = join(folder, 'data')
  if (!existsSync(data)) {
    run(
      'mariadb-install-db',
      [
        '--no-defaults',
        `--datadir=${data}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--user=root',
      ],
      process.env,
      '.'
    )
  }
  const log = openSync(join(folder, 'mariadb.log'), 'a')
  const database = spawn(
    'taskset',
    [
      '-c',
      APP_CORE,
      'mariadbd',
      '--no-defaults',
      `--datadir=${data}`,
      '--socket=socket',
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-buffer-pool-size=512M',
      '--innodb-log-file-size=512M',
      '--user=root',
      ...options,
    ],
    { stdio: ['ignore', log, log], detached: true, env: withSbin() }
  )
  const { createConnection } = await import('mysql2/promise')
  for (let attempt = 0; ; attempt += 1) {
    try {
      const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' })
      await connection.query('CREATE DATABASE IF NOT EXISTS bench CHARACTER SET utf8mb4')
      await connection.query("GRANT ALL ON bench.* TO bench@'127.0.0.1' IDENTIFIED BY 'bench'")
      await connection.end()
      break
    } catch (error) {
      if (attempt === 100) {
        throw error
      }
      await wait(200)
    }
  }
  const environment = {
    DB_HOST: '127.0.0.1',
    DB_PORT: String(port),
    DB_USER: 'bench',
    DB_PASSWORD: 'bench',
    DB_DATABASE: 'bench',
  }
  return { environment, database }
}

/** Debian keeps `mariadbd` in a folder that is on root's PATH alone. */
function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
}

const PROGRAMS = {
  'gunicorn': 'gunicorn',
  'mariadb-install-db': 'mariadb-server',
  'taskset': 'util-linux',
} as const

/** The peers come from Debian; what is missing is named with the line that installs it. */
function requirePrograms() {
  const missing: string[] = Object.entries(PROGRAMS)
    .filter(([program]) => spawnSync('which', [program]).status !== 0)
    .map(([, name]) => name)
  const modules = ['django', 'rest_framework', 'MySQLdb'].map((name) => `import ${name}`).join(';')
  if (spawnSync('/usr/bin/python3', ['-c', modules]).status !== 0) {
    missing.push('python3-django', 'python3-djangorestframework', 'python3-mysqldb')
  }
  if (missing.length > 0) {
    throw new Error(
      `E_BENCH: the peers need ${missing.join(', ')}: sudo apt-get install --no-install-recommends ${missing.join(' ')}`
    )
  }
}

let isBuilt = false

/** Ours runs as it is installed: from build/. */
export function build(say: (text: string) => void) {
  if (!isBuilt) {
    say('building …')
    rmSync(join(ROOT, 'build'), { recursive: true, force: true })
    run(process.execPath, ['ace', 'build'], process.env, '.')
    if (!existsSync(join(ROOT, 'build/node_modules'))) {
      run(
        'ln',
        ['-s', join(ROOT, 'node_modules'), join(ROOT, 'build/node_modules')],
        process.env,
        '.'
      )
    }
    isBuilt = true
  }
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv, folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: join(ROOT, folder),
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) {
    throw new Error(`E_BENCH: ${command} ${args[0]} ended with ${status}: ${error ?? stderr}`)
  }
  return stdout
}

async function load(plan: Plan): Promise<Measured> {
  const child = spawn(
    'taskset',
    ['-c', LOAD_CORE, process.execPath, join(import.meta.dirname, 'load.ts')],
    { stdio: ['pipe', 'pipe', 'inherit'] }
  )
  child.stdin.end(JSON.stringify(plan))
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((done) => child.once('close', done))
  return JSON.parse(Buffer.concat(chunks).toString())
}

/** CPU time of a process and all that it started. */
function cpuSeconds(child: ChildProcess | null): number {
  return processesOf(child)
    .map((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / TICKS
    })
    .reduce((sum, value) => sum + value, 0)
}

/** A process and all that it started. */
export function processesOf(child: ChildProcess | null): number[] {
  if (!child?.pid) {
    return []
  }
  const all = [child.pid]
  for (const pid of all) {
    const path = `/proc/${pid}/task/${pid}/children`
    const children = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
    all.push(...children.split(' ').filter(Boolean).map(Number))
  }
  return all
}

export async function end(child: ChildProcess | null) {
  if (!child?.pid || child.exitCode !== null) {
    return
  }
  const ended = new Promise((done) => child.once('exit', done))
  process.kill(-child.pid, 'SIGTERM')
  await Promise.race([ended, wait(8_000).then(() => process.kill(-(child.pid ?? 0), 'SIGKILL'))])
}

export async function answers(url: string, folder: string, name: string) {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    if (await fetch(url).catch(() => null)) {
      return
    }
    await wait(200)
  }
  const log = readFileSync(join(folder, `${name}.log`), 'utf8').slice(-2000)
  throw new Error(`E_BENCH: ${name} does not answer on ${url}:\n${log} (${dirname(folder)})`)
}

export function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
