/**
 * Ten thousand agents at one server: a heartbeat a minute each, 33 events of activity and one picture
 * of 100 KB a second together, for ten minutes; then the server is away for two, and all come back. The
 * load has one core, the server and its database the other. `--db`, `--agents`, `--minutes`,
 * `--outage-seconds`, `--drain-seconds` change it; `--json` prints the array of figures.
 */
import {
  answers,
  build,
  end,
  freePort,
  LOAD_CORE,
  APP_CORE,
  OURS,
  processesOf,
  ROOT,
  startMariadb,
  worksightTokens,
  type Engine,
} from './support/contestants.ts'
import type { FleetPlan, FleetReport } from './support/fleet_load.ts'
import { residentMegabytes } from './support/meter.ts'
import { figure, limit, report, type Figure } from './support/report.ts'
import { SERVER_FLAGS } from '../server/services/first_run/server_flags.ts'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import sharp from 'sharp'

const { values: flags } = parseArgs({
  options: {
    'json': { type: 'boolean', default: false },
    'db': { type: 'string', default: 'mysql,sqlite' },
    'agents': { type: 'string', default: '10000' },
    'minutes': { type: 'string', default: '10' },
    'outage-seconds': { type: 'string', default: '120' },
    /** How long the fleet may take until nothing waits: a little over the longest wait of a lane. */
    'drain-seconds': { type: 'string', default: '330' },
  },
})
const say = (text: string) => process.stderr.write(`${text}\n`)

const figures: Figure[] = []
build(say)
for (const engine of flags.db.split(',') as Engine[]) {
  figures.push(...(await fleet(engine)))
}
report(figures, flags.json)

async function fleet(engine: Engine): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'worksight-fleet-'))
  const { environment: database, database: mariadbd } =
    engine === 'mysql' ? await startMariadb(folder) : { environment: {}, database: null }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  mkdirSync(join(folder, 'media'))
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...OURS,
    ...database,
    DB: engine,
    PORT: String(port),
    APP_URL: url,
    SQLITE_FILE: join(folder, 'worksight.sqlite'),
    STORAGE_PATH: join(folder, 'media'),
  }
  let server: ChildProcess | null = null as ChildProcess | null
  const start = async () => {
    const log = openSync(join(folder, 'worksight.log'), 'a')
    const command = [process.execPath, ...SERVER_FLAGS, join(ROOT, 'build/bin/server.js')]
    server = spawn('taskset', ['-c', APP_CORE, ...command], {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', log, log],
      detached: true,
    })
    await answers(url, folder, 'worksight')
  }
  let mostMegabytes = 0
  const watch = setInterval(() => {
    const memory = processesOf(server).map(residentMegabytes)
    mostMegabytes = Math.max(
      mostMegabytes,
      memory.reduce((sum, value) => sum + value, 0)
    )
  }, 1000)
  try {
    say(`${engine}: making ${flags.agents} agents …`)
    const tokens = worksightTokens(environment, Number(flags.agents))
    await start()
    const load = spawn(
      'taskset',
      ['-c', LOAD_CORE, process.execPath, join(import.meta.dirname, 'support/fleet_load.ts')],
      { stdio: ['pipe', 'pipe', 'inherit'] }
    )
    const printed = textOf(load)
    const tell = (line: string) => load.stdin.write(`${line}\n`)
    tell(JSON.stringify(await planOf(url, tokens, folder)))
    say(`${engine}: ${flags.minutes} minutes of ${tokens.length} agents …`)
    await wait(Number(flags.minutes) * 60_000)
    tell('outage')
    const leaving = server
    server = null
    await end(leaving)
    say(`${engine}: the server is away for ${flags['outage-seconds']} s …`)
    await wait(Number(flags['outage-seconds']) * 1000)
    await start()
    tell('back')
    say(`${engine}: the server is back, ${flags['drain-seconds']} s for what waits …`)
    await wait(Number(flags['drain-seconds']) * 1000)
    tell('end')
    return figuresOf(engine, JSON.parse(await printed) as FleetReport, mostMegabytes)
  } finally {
    clearInterval(watch)
    await end(server)
    await end(mariadbd)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function planOf(url: string, tokens: readonly string[], folder: string): Promise<FleetPlan> {
  const [width, height] = [200, 166] // of noise, which does not compress: 100 KB
  const file = join(folder, 'picture.png')
  await sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } }).toFile(file)
  return {
    url,
    tokens,
    heartbeatSeconds: 60,
    eventsPerSecond: 33,
    picturesPerSecond: 1,
    picture: { file, width, height },
  }
}

function figuresOf(engine: Engine, measured: FleetReport, megabytes: number): Figure[] {
  const { steady, storm, refusals } = measured
  say(JSON.stringify(measured))
  const failures = Object.entries(refusals).reduce((sum, [, count]) => sum + count, 0)
  return [
    limit(`${engine}: answers that are not 2xx`, '', failures, 0),
    limit(`${engine}: recorded and not stored in the end`, '', measured.waiting, 0),
    limit(`${engine}: p99 of an answer`, 'ms', steady.p99Ms, 250),
    limit(`${engine}: memory of the server at most`, 'MB', megabytes, 512),
    figure(
      `${engine}: requests of the load`,
      '/s',
      steady.perSecond,
      'planned',
      steady.plannedPerSecond,
      { least: 0.98 }
    ),
    limit(`${engine}: what the load was late, p99`, 'ms', steady.lagP99Ms, 250),
    figure(
      `${engine}: busiest second after ${flags['outage-seconds']} s without a server`,
      '/s',
      storm?.mostPerSecond ?? Number.NaN,
      'steady',
      steady.perSecond,
      { most: 2 }
    ),
    limit(
      `${engine}: until nothing waited`,
      's',
      storm?.drainedSeconds ?? Number.POSITIVE_INFINITY,
      Number(flags['drain-seconds'])
    ),
  ]
}

async function textOf(child: ChildProcess): Promise<string> {
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  return Buffer.concat(chunks).toString()
}
