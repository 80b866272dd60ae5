import { Processes, tail } from '#services/first_run/processes'
import { freePort } from '#services/testing/free_port'
import { mkdir, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** How long a new server may take until it answers, in milliseconds. */
const READY_MS = 10_000

/** A Redis that runs; `environment` is what a server process needs to use it. */
export type Redis = {
  readonly environment: NodeJS.ProcessEnv
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}

/** Starts Debian's Redis in `folder`, on a port of its own, in memory. Throws when it does not come up. */
export async function startRedis(folder: string): Promise<Redis> {
  const processes = new Processes()
  const port = await freePort()
  const logFile = join(folder, 'log')
  await mkdir(folder, { recursive: true })
  const stop = async () => {
    await processes.stop()
    await rm(folder, { recursive: true, force: true })
  }
  processes.start(
    'redis',
    ['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    { cwd: folder, env: {}, logFile },
    () => {}
  )
  const startedAt = Date.now()
  while (!(await answers(port))) {
    if (Date.now() - startedAt > READY_MS) {
      const log = tail(logFile).join('\n')
      await stop()
      throw new Error(`E_REDIS: redis-server does not answer on port ${port}:\n${log}`)
    }
    await wait(100)
  }
  return { environment: { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port) }, stop }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
  })
}
