import { Processes, runToEnd } from '#services/first_run/processes'
import { setTimeout as wait } from 'node:timers/promises'
import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'

/** How long a new server may take until it answers, in milliseconds. */
const READY_MS = 30_000

const DATABASE = 'worksight_test'
const USER = 'worksight'
const PASSWORD = 'only-for-tests'

/**
 * Starts a MariaDB of its own: own data folder, own port, gone afterwards. `environment` is what the
 * test process needs to use it.
 */
export async function startMariadb(
  folder: string
): Promise<{ environment: NodeJS.ProcessEnv; stop: () => Promise<void> }> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const data = join(folder, 'data')
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  const installed = await runToEnd(
    [
      'mariadb-install-db',
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...user,
    ],
    { cwd: folder }
  )
  if (installed.code !== 0) {
    throw new Error(
      `E_MARIADB: mariadb-install-db ended with ${installed.code}: ${installed.stderr}`
    )
  }
  const port = await freePort()
  const socket = join(folder, 'socket')
  const processes = new Processes()
  processes.start(
    'mariadb',
    [
      'mariadbd',
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--pid-file=${join(folder, 'pid')}`,
      ...user,
    ],
    { cwd: folder, logFile: join(folder, 'log') },
    () => {}
  )
  try {
    await prepare(socket)
  } catch (error) {
    await processes.stop()
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
    stop: () => processes.stop(),
  }
}

async function prepare(socketPath: string) {
  const startedAt = Date.now()
  for (;;) {
    try {
      const connection = await createConnection({ socketPath, user: 'root' })
      await connection.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`)
      await connection.query(`CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`)
      await connection.query(`GRANT ALL ON ${DATABASE}.* TO ${USER}@'127.0.0.1'`)
      await connection.end()
      return
    } catch (error) {
      if (Date.now() - startedAt > READY_MS) {
        throw error
      }
      await wait(200)
    }
  }
}

/** A port that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
