import { spawn, type ChildProcess } from 'node:child_process'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { FakeServer } from './fake_server.ts'
import { digestOf, startOracle, type OracleAnswer } from './oracle.ts'
import { keptIn, type StormOrder } from './storm.ts'
import { syscallsOf, traced, traceEnded } from './strace.ts'
import { temporaryFolder } from './temporary_spool.ts'

const STORM = join(import.meta.dirname, 'storm.ts')

/** How a storm ended: by itself with its counters, or by a signal. */
export type StormEnd = {
  readonly exit: number | null
  readonly signal: NodeJS.Signals | null
  readonly counters: Readonly<Record<string, number>> & { readonly steps?: readonly string[] }
  readonly stderr: string
}

/** A spool, a server and an oracle, and storms that go over them one after the other. */
export class Storms {
  readonly server: FakeServer
  readonly folder: string
  readonly #oracle: Awaited<ReturnType<typeof startOracle>>
  readonly #remove: () => Promise<void>

  private constructor(
    server: FakeServer,
    oracle: Awaited<ReturnType<typeof startOracle>>,
    place: Awaited<ReturnType<typeof temporaryFolder>>
  ) {
    this.server = server
    this.#oracle = oracle
    this.folder = join(place.path, 'spool')
    this.#remove = () => place.remove()
  }

  /** `host` is the address that the server listens at. */
  static async start(host?: string): Promise<Storms> {
    const place = await temporaryFolder()
    const oracle = await startOracle(join(place.path, 'oracle'))
    return new Storms(await FakeServer.start(0, host), oracle, place)
  }

  /** Starts a storm, `under` the command given; `ended` tells how it ended. */
  begin({
    under = [],
    ...order
  }: Partial<StormOrder> & { readonly under?: readonly string[] } = {}): {
    readonly child: ChildProcess
    readonly ended: Promise<StormEnd>
  } {
    const whole: StormOrder = {
      folder: this.folder,
      server: this.server.url,
      oracle: join(dirname(this.folder), 'oracle'),
      events: 3,
      pictures: 2,
      ...order,
    }
    const [program = '', ...args] = [...under, process.execPath, STORM, JSON.stringify(whole)]
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    })
    const end = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once('close', (code, signal) => resolve([code, signal]))
    )
    const ended = Promise.all([end, text(child.stdout), text(child.stderr)]).then(
      ([[exit, signal], stdout, stderr]) => ({ exit, signal, stderr, counters: lastOf(stdout) })
    )
    return { child, ended }
  }

  /** Runs one to its end. */
  blow(order: Parameters<Storms['begin']>[0] = {}): Promise<StormEnd> {
    return this.begin(order).ended
  }

  /** Runs one to its end with faults that strace injects (its flags) into each of its threads. */
  async blowThrough(
    inject: readonly string[],
    order: Partial<StormOrder> = {}
  ): Promise<StormEnd & { readonly injected: number }> {
    const log = `${this.folder}.trace`
    const { child, ended } = this.begin({ ...order, waits: true })
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve())
      child.once('close', () => reject(new Error('The storm ended before it began')))
    })
    const flags = ['-f', '-y', '-o', log, ...inject]
    const tracer = await traced(child.pid ?? 0, flags)
    child.stdin?.end('go\n')
    const end = await ended
    await traceEnded(tracer)
    const calls = await syscallsOf(log)
    return { ...end, injected: calls.filter(({ wasInjected }) => wasInjected).length }
  }

  /** What the oracle says of server and spool as they are now. */
  async judge(): Promise<OracleAnswer> {
    const server = [...this.server.received.values()].map(({ observation, sha256 }) => ({
      id: observation.id,
      seq: observation.seq,
      digest: digestOf(observation, sha256),
    }))
    return this.#oracle.line.judge(server, await keptIn(this.folder))
  }

  async stop(): Promise<void> {
    await this.#oracle.stop()
    await this.server.stop()
    await this.#remove()
  }
}

function lastOf(stdout: string): StormEnd['counters'] {
  const line = stdout.trim().split('\n').at(-1) ?? ''
  return line.startsWith('{') ? (JSON.parse(line) as StormEnd['counters']) : {}
}
