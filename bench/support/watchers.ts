import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { acknowledge, IdentityStore, noticeOf, type Site } from '@worksight/agent-core'
import { FakeServer, temporaryFolder } from '@worksight/agent-core/testing'
import { cpuMs, gauge, residentMegabytes } from './meter.ts'

/** One program that watches the display, and what it has cost so far. */
export type Watcher = {
  readonly name: string
  cost(): { readonly cpuMs: number; readonly bytes: number; readonly megabytes: number }
  stop(): Promise<void>
}

/** An agent, also with how long it took from its start to its first heartbeat. */
export type AgentWatcher = Watcher & {
  readonly firstHeartbeatMs: number
  readonly pid: number
  /** From a look at the screen until its picture was accepted, of each that arrived, in milliseconds. */
  acceptedAfterMs(): readonly number[]
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** The agent as `npm start` runs it, with a site of the bench. */
export async function startAgent(display: string, site: Site): Promise<AgentWatcher> {
  const server = await FakeServer.start()
  const meter = await gauge(Number(new URL(server.url).port))
  const { path: dataDir, remove } = await temporaryFolder()
  const identity = {
    server: meter.url,
    agentId: 1,
    name: 'bench',
    site: site.name,
    person: null,
    token: server.token,
  }
  new IdentityStore(dataDir).save(identity, acknowledge(noticeOf(site), Date.now()))
  const began = performance.now()
  const agent = spawn(
    process.execPath,
    [
      path('../../agent-core/bin/agent.ts'),
      'run',
      '--quiet',
      '--data-dir',
      dataDir,
      '--config',
      path(`./${site.name}_site.ts`),
    ],
    {
      env: {
        ...process.env,
        DISPLAY: display,
        WAYLAND_DISPLAY: '',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    }
  )
  await Promise.race([
    server.has(1),
    once(agent, 'exit').then(() => Promise.reject(new Error('The agent ended by itself'))),
  ])
  const firstHeartbeatMs = performance.now() - began
  return {
    name: site.name,
    firstHeartbeatMs,
    pid: agent.pid ?? 0,
    cost: () => costOf(agent, meter.bytes()),
    acceptedAfterMs: () =>
      [...server.received.values()].flatMap(({ observation: { id, kind, captured_at: at } }) =>
        kind === 'screenshot' ? [(server.receivedAt.get(id) ?? Number.NaN) - Date.parse(at)] : []
      ),
    async stop() {
      await end(agent)
      meter.close()
      await server.stop()
      await remove()
    },
  }
}

/** A shell script that takes pictures with `program` and sends them with curl. */
export function startScript(
  display: string,
  program: 'scrot' | 'import',
  seconds: number
): Promise<Watcher> {
  return startPeer(display, `${program} + curl`, (url) => [
    path('../peers/shots.sh'),
    [program, String(seconds), url],
  ])
}

/** A process of Node that takes pictures with the npm package screenshot-desktop and sends them. */
export function startScreenshotDesktop(display: string, seconds: number): Promise<Watcher> {
  return startPeer(display, 'screenshot-desktop', (url) => [
    process.execPath,
    [path('../peers/screenshot_desktop.js'), String(seconds), url],
  ])
}

/** A program that sends its pictures to the address it is given, where they are counted and dropped. */
async function startPeer(
  display: string,
  name: string,
  commandFor: (url: string) => [program: string, args: string[]]
): Promise<Watcher> {
  const sink = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  const meter = await gauge((sink.address() as AddressInfo).port)
  const peer = spawn(...commandFor(meter.url), {
    env: { ...process.env, DISPLAY: display },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return {
    name,
    cost: () => costOf(peer, meter.bytes()),
    async stop() {
      await end(peer)
      meter.close()
      sink.close()
    },
  }
}

function costOf({ pid }: ChildProcess, bytes: number) {
  if (pid === undefined) {
    throw new Error('A program of the bench did not start')
  }
  return { cpuMs: cpuMs(pid), bytes, megabytes: residentMegabytes(pid) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
  }
}
