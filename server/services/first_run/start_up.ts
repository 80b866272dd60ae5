import type { SetupAnswer } from '#commands/worksight_setup'
import { EXIT } from '#services/exit'
import { StartFailure } from '#services/first_run/failure'
import { buildFrontEnd } from '#services/first_run/front_end'
import { claim } from '#services/first_run/only_one'
import { LocalAgent } from '#services/first_run/local_agent'
import { choosePort } from '#services/first_run/port'
import { SERVER_FLAGS } from '#services/first_run/server_flags'
import { Processes, runToEnd, tail } from '#services/first_run/processes'
import { transcript } from '#services/first_run/transcript'
import { startVirtualDisplay } from '#services/first_run/virtual_display'
import env from '#start/env'
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export type UpOptions = {
  readonly root: string
  readonly version: string
  /** The port that was asked for, or null for the usual one. */
  readonly port: number | null
  readonly withAgent: boolean
  readonly realDisplay: boolean
  /** Shows the notice; resolves to whether the person acknowledged it. */
  readonly acknowledge: (notice: string) => Promise<boolean>
}

/** How long the server may take to answer, in milliseconds. */
const READY_MS = 30_000

/**
 * Starts database, dashboard, server, display and agent, in this order, and says so as it goes.
 * `ended` resolves to the exit code when it was stopped by a signal or one of them ended by itself.
 */
export async function startUp(options: UpOptions): Promise<{ ended: Promise<number> }> {
  const processes = new Processes()
  const end = Promise.withResolvers<number>()
  const stop = once(async (code: number) => {
    transcript.blank()
    await processes.stop()
    transcript.fact('Stopped', 'everything that was started')
    end.resolve(code)
  })
  process.on('SIGINT', () => stop(130))
  process.on('SIGTERM', () => stop(0))
  process.on('SIGHUP', () => stop(0))
  const onExit = (name: string, code: number | null) => {
    transcript.fail(`The ${name} ended by itself (exit code ${code ?? 'none'})`, [
      `Its log is in ${join('storage', 'logs')}`,
    ])
    void stop(EXIT.unexpected)
  }
  try {
    await start(options, processes, onExit)
  } catch (error) {
    await processes.stop()
    throw error
  }
  return { ended: end.promise }
}

type OnExit = (name: string, code: number | null) => void

async function start(options: UpOptions, processes: Processes, onExit: OnExit) {
  const { root, version } = options
  const isFirst =
    !existsSync(join(root, 'storage/worksight.sqlite')) && process.env.DB_CONNECTION === 'sqlite'
  if (!process.env.WORKSIGHT_ANNOUNCED) {
    transcript.title(version, isFirst)
  }
  describeNode()
  checkFolders(root)
  const lock = await claim(root)
  const host = env.get('HOST')
  const port = await choosePort(host, env.get('PORT'), options.port)
  if (port !== env.get('PORT') && options.port === null) {
    transcript.note('Port', `${env.get('PORT')} is in use; serving on ${port}`)
  }
  const url = `http://${host}:${port}`
  const agent = new LocalAgent(root, url, processes, options.realDisplay)
  const needsCode = options.withAgent && !agent.isEnrolled
  const [setup] = await Promise.all([prepareDatabase(root, url, needsCode), prepareFrontEnd(root)])
  await startServer(options, processes, onExit, { url, host, port })
  let captured: string | null = null
  if (options.withAgent) {
    captured = await startAgent(options, agent, processes, onExit, setup)
  }
  await lock.say(url)
  sayHow(url, setup, captured)
}

function describeNode() {
  const system = process.env.WORKSIGHT_SYSTEM_NODE
  const detail = system
    ? `${process.versions.node} from the npm registry (system has ${system})`
    : process.versions.node
  transcript.done('Node', detail)
}

function checkFolders(root: string) {
  for (const folder of ['storage', 'storage/logs', 'storage/media', 'tmp']) {
    const path = join(root, folder)
    try {
      mkdirSync(path, { recursive: true })
      accessSync(path, constants.W_OK)
    } catch {
      throw new StartFailure(
        `WorkSight cannot write in ${path}. Give this user the folder: sudo chown -R "$(id -un)" "${root}"`,
        EXIT.invalidConfig
      )
    }
  }
}

async function prepareDatabase(
  root: string,
  url: string,
  needsCode: boolean
): Promise<SetupAnswer> {
  const startedAt = Date.now()
  const flags = needsCode ? ['--enrol', 'default'] : []
  const result = await runToEnd(
    [process.execPath, join(root, 'ace'), 'worksight:setup', '--json', ...flags],
    { cwd: root, env: { NODE_ENV: 'production', APP_URL: url } }
  )
  if (result.code !== 0) {
    const lines = `${result.stderr}${result.stdout}`.trim().split('\n').slice(-6)
    throw new StartFailure('The database could not be prepared', EXIT.invalidConfig, lines)
  }
  const answer: SetupAnswer = JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '')
  const migrations = answer.migrations > 0 ? `, ${answer.migrations} migrations` : ''
  const place =
    process.env.DB_CONNECTION === 'sqlite'
      ? `SQLite  ${env.get('SQLITE_FILE', 'storage/worksight.sqlite')}`
      : `MySQL  ${process.env.DB_USER}@${process.env.DB_HOST}/${process.env.DB_DATABASE}`
  transcript.done('Database', `${place}${migrations}`, startedAt)
  return answer
}

async function prepareFrontEnd(root: string) {
  const startedAt = Date.now()
  const { built, css, js } = await buildFrontEnd(root)
  const detail = `${built ? 'built' : 'as built before'}, ${css} KB CSS, ${js} KB JS`
  transcript.done('Dashboard', detail, startedAt)
}

async function startServer(
  { root }: UpOptions,
  processes: Processes,
  onExit: OnExit,
  { url, host, port }: { url: string; host: string; port: number }
) {
  const startedAt = Date.now()
  const logFile = join(root, 'storage/logs/server.log')
  const server = processes.start(
    'server',
    [process.execPath, ...SERVER_FLAGS, '--import=@poppinss/ts-exec', join(root, 'bin/server.ts')],
    {
      cwd: root,
      env: { NODE_ENV: 'production', HOST: host, PORT: String(port), APP_URL: url, LOG_FILE: '' },
      logFile,
    },
    onExit
  )
  while (!(await isReady(url))) {
    if (server.exitCode !== null || Date.now() - startedAt > READY_MS) {
      throw new StartFailure(
        `The server did not start; its log is ${logFile}`,
        EXIT.unexpected,
        tail(logFile)
      )
    }
    await wait(100)
  }
  transcript.done('Server', url, startedAt)
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) })).ok
  } catch {
    return false
  }
}

async function startAgent(
  options: UpOptions,
  agent: LocalAgent,
  processes: Processes,
  onExit: OnExit,
  setup: SetupAnswer
): Promise<string> {
  const startedAt = Date.now()
  const display = await chooseDisplay(options, processes, onExit)
  const notice = await agent.notice(display)
  const isAcknowledged = !options.realDisplay || (await options.acknowledge(notice.text))
  if (!isAcknowledged) {
    throw new StartFailure('The notice was not acknowledged: nothing is captured', EXIT.refused)
  }
  if (!agent.isEnrolled) {
    await agent.enrol(display, setup.enrolment_code ?? '', notice)
  }
  const { name, captured } = await agent.run(display, onExit)
  const detail = captured ? `enrolled as ${name}, first screenshot taken` : `enrolled as ${name}`
  transcript.done('Agent', detail, startedAt)
  if (options.realDisplay) {
    return 'your own screen, as the notice says'
  }
  return display ? 'a demo display, every 10 s' : 'nothing: pictures are simulated, every 10 s'
}

/** The real display, a virtual one, or null: then pictures are simulated and say so. */
async function chooseDisplay(options: UpOptions, processes: Processes, onExit: OnExit) {
  if (options.realDisplay) {
    if (!process.env.DISPLAY) {
      throw new StartFailure(
        'There is no display here: DISPLAY is not set. Start from a terminal of your desktop, or without --real-display.',
        EXIT.noCapture
      )
    }
    transcript.note('Display', `${process.env.DISPLAY}: your own screen is captured`)
    return process.env.DISPLAY
  }
  const display = await startVirtualDisplay(processes, options.root, onExit)
  if (display) {
    transcript.done('Virtual display', `Xvfb ${display} (your own screen is never captured here)`)
  } else {
    transcript.note(
      'Virtual display',
      'none (apt install xvfb gives one); showing simulated pictures, marked as such'
    )
  }
  return display
}

function sayHow(url: string, setup: SetupAnswer, captured: string | null) {
  transcript.blank()
  transcript.fact('Open', `${url}/welcome?key=${setup.sign_in_key}   (signs you in once, 15 min)`)
  if (setup.owner.password) {
    transcript.fact(
      'Or',
      `e-mail ${setup.owner.email}   password  ${setup.owner.password}   shown once`
    )
  }
  if (captured) {
    transcript.fact('Captured', captured)
  }
  transcript.fact('Stop', 'Ctrl-C        Again  npm start        Help  node ace list')
  transcript.blank()
}

function once<Arguments extends unknown[]>(work: (...args: Arguments) => Promise<void>) {
  let running: Promise<void> | undefined
  return (...args: Arguments) => (running ??= work(...args))
}
