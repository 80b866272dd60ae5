import { Processes, runToEnd, tail } from '#services/first_run/processes'
import { freePort } from '#services/testing/free_port'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'

/** How long a new server may take until it answers, in milliseconds. */
const READY_MS = 30_000

/** Debian keeps `mariadbd` in a folder that is on root's PATH alone. */
const PATH = [process.env.PATH, '/usr/sbin'].join(delimiter)

const DATABASE = 'worksight_test'
const USER = 'worksight'
const PASSWORD = 'only-for-tests'

/** A MariaDB that runs; `environment` is what a test process needs to use it. */
export type Mariadb = {
  readonly environment: NodeJS.ProcessEnv
  /** Ends it as a power loss would; its data stays. */
  readonly kill: () => Promise<void>
  /** Starts it again after `kill`; resolves when it answers. */
  readonly restart: () => Promise<void>
  /** Stops it where it is: it takes connections and answers nothing. */
  readonly freeze: () => void
  /** Lets it go on after `freeze`. */
  readonly thaw: () => void
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}

/**
 * Starts a MariaDB of its own in `folder`, on a port of its own. Throws when it does not come up, and
 * when `signal` is aborted; nothing of it is left then.
 */
export async function startMariadb(folder: string, signal: AbortSignal): Promise<Mariadb> {
  const processes = new Processes()
  const stop = async () => {
    await processes.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const port = await freePort()
  let server: ChildProcess
  try {
    await install(folder)
    signal.throwIfAborted()
    server = start(folder, port, processes)
    await prepare(port, signal, join(folder, 'log'))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    environment: {
      TEST_DB_CONNECTION: 'mysql',
      DB_HOST: '127.0.0.1',
      DB_PORT: String(port),
      DB_USER: USER,
      DB_PASSWORD: PASSWORD,
      DB_DATABASE: DATABASE,
    },
    kill: async () => {
      const gone = once(server, 'exit')
      server.kill('SIGKILL')
      await gone
    },
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    restart: async () => {
      server = start(folder, port, processes)
      await prepare(port, signal, join(folder, 'log'))
    },
    stop,
  }
}

async function install(folder: string) {
  await mkdir(folder, { recursive: true })
  const { code, stderr } = await runToEnd(
    [
      'mariadb-install-db',
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...asUser(),
    ],
    { cwd: folder, env: { PATH } }
  )
  if (code !== 0) {
    throw new Error(`E_MARIADB: mariadb-install-db ended with ${code}: ${stderr}`)
  }
}

function start(folder: string, port: number, processes: Processes): ChildProcess {
  return processes.start(
    'mariadb',
    [
      'mariadbd',
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      // In the data folder; a whole path could be longer than a socket's may be.
      '--socket=socket',
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--pid-file=${join(folder, 'pid')}`,
      ...asUser(),
    ],
    { cwd: folder, env: { PATH }, logFile: join(folder, 'log') },
    () => {}
  )
}

/** MariaDB does not run as root unless it is told to. */
function asUser(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}

async function prepare(port: number, signal: AbortSignal, logFile: string) {
  const startedAt = Date.now()
  for (;;) {
    signal.throwIfAborted()
    try {
      const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' })
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4`)
      await connection.query(
        `GRANT ALL ON ${DATABASE}.* TO ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`
      )
      await connection.end()
      return
    } catch (cause) {
      if (Date.now() - startedAt > READY_MS) {
        const log = tail(logFile).join('\n')
        throw new Error(`E_MARIADB: mariadbd does not answer on port ${port}:\n${log}`, { cause })
      }
      await wait(200)
    }
  }
}
