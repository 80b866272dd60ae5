import { end, OURS, ROOT, startMariadb, type Engine } from './contestants.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What one run of the whole size takes: 10 080 000 heartbeats, 1 008 000 events, as many screenshots. */
export const WHOLE = { agents: 200, days: 105 } as const

const DAY_MS = 86_400_000

/** More than the rows of a day, less than the data: a server that is not all memory. */
const MARIADB = ['--innodb-buffer-pool-size=2G', '--innodb-log-file-size=2G']

export type Data = {
  /** What a process of ours needs to use the database. */
  readonly environment: NodeJS.ProcessEnv
  readonly folder: string
  readonly stop: () => Promise<void>
}

type Asked = {
  readonly engine: Engine
  /** Where data stay from run to run. */
  readonly folder: string
  readonly agents: number
  readonly days: number
}

/**
 * A database with the dataset, whose last day is today: made at the first run, which takes minutes, and
 * used again by the next ones, which only add what is missing.
 */
export async function prepareData(asked: Asked, say: (text: string) => void): Promise<Data> {
  const { engine, agents } = asked
  const folder = join(asked.folder, `${engine}-${agents}x${asked.days}`)
  mkdirSync(join(folder, 'media'), { recursive: true })
  const until = dayAt(Date.now())
  const from = firstDay(folder, asked.days)
  const mariadb = engine === 'mysql' ? await startMariadb(folder, MARIADB) : null
  const environment = {
    ...process.env,
    ...OURS,
    TZ: 'UTC',
    DB_CONNECTION: engine,
    SQLITE_FILE: join(folder, 'database.sqlite'),
    STORAGE_PATH: join(folder, 'media'),
    ...mariadb?.environment,
  }
  const stop = async () => end(mariadb?.database ?? null)
  try {
    say(`${engine}: data of ${agents} agents from ${from} to ${until} in ${folder}`)
    await run(['ace', 'migration:run', '--force'], environment)
    const size = ['--agents', String(agents), '--from', from, '--until', until]
    await run(['--import=@poppinss/ts-exec', 'bench/dataset.ts', ...size], environment)
  } catch (error) {
    await stop()
    throw error
  }
  return { environment, folder, stop }
}

/** The day that the data in `folder` begin with. */
function firstDay(folder: string, days: number): string {
  const file = join(folder, 'from')
  if (!existsSync(file)) {
    writeFileSync(file, dayAt(Date.now() - (days - 1) * DAY_MS))
  }
  return readFileSync(file, 'utf8')
}

const dayAt = (moment: number) => new Date(moment).toISOString().slice(0, 10)

/** Runs a program of ours to its end; what it says goes to the standard error, what it prints is given back. */
export async function run(
  command: readonly string[],
  environment: NodeJS.ProcessEnv
): Promise<string> {
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) {
    throw new Error(`E_BENCH: ${command.join(' ')} ended with ${code}`)
  }
  return Buffer.concat(chunks).toString()
}
