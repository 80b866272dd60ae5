import { EXIT } from '#services/exit'
import { StartFailure } from '#services/first_run/failure'
import { runToEnd, tail, type Processes } from '#services/first_run/processes'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** How long the first picture may take, in milliseconds, until the start goes on without it. */
const FIRST_PICTURE_MS = 10_000

/** Seconds between the pictures of the demo display. */
const DEMO_INTERVAL_SECONDS = 10

type Notice = { readonly text: string; readonly sha256: string }

/**
 * The agent that `node ace up` runs on this machine, with its data in `storage/`. The one of the real
 * display is another agent than the one of the demo: its person acknowledged the notice.
 */
export class LocalAgent {
  readonly #root: string
  readonly #url: string
  readonly #processes: Processes
  readonly #dataDir: string
  readonly #isDemo: boolean

  constructor(root: string, url: string, processes: Processes, realDisplay: boolean) {
    this.#root = root
    this.#url = url
    this.#processes = processes
    this.#isDemo = !realDisplay
    this.#dataDir = join(root, 'storage', realDisplay ? 'agent-real-display' : 'agent')
  }

  get isEnrolled(): boolean {
    return existsSync(join(this.#dataDir, 'identity.json'))
  }

  /** What the agent would tell its person, for the site `default`. */
  async notice(display: string | null): Promise<Notice> {
    return JSON.parse(await this.#command(display, 'notice', '--json'))
  }

  async enrol(display: string | null, code: string, notice: Notice): Promise<void> {
    const flags = ['--server', this.#url, '--code', code, '--acknowledge', notice.sha256, '--json']
    await this.#command(display, 'enrol', ...flags)
  }

  /** Starts it on a display, or with simulated pictures when there is none, and waits for the first one. */
  async run(
    display: string | null,
    onExit: (name: string, code: number | null) => void
  ): Promise<{ name: string; captured: boolean }> {
    const logFile = join(this.#root, 'storage/logs/agent.log')
    const child = this.#processes.start(
      'agent',
      [...this.#program, 'run', '--json', ...this.#where],
      { cwd: this.#root, env: this.#environment(display), logFile },
      onExit
    )
    const startedAt = Date.now()
    const before = this.#pictures()
    while (Date.now() - startedAt < FIRST_PICTURE_MS) {
      if (child.exitCode !== null) {
        throw new StartFailure('The agent did not start', EXIT.unexpected, tail(logFile))
      }
      if (this.#pictures() > before) {
        return { name: await this.#name(display), captured: true }
      }
      await wait(200)
    }
    return { name: await this.#name(display), captured: false }
  }

  get #program(): [string, ...string[]] {
    return [process.execPath, join(this.#root, 'agent-core/bin/agent.ts')]
  }

  get #where() {
    return ['--data-dir', this.#dataDir, '--site', 'default']
  }

  #environment(display: string | null): NodeJS.ProcessEnv {
    return {
      WORKSIGHT_SERVER: this.#url,
      ...(this.#isDemo && {
        WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: String(DEMO_INTERVAL_SECONDS),
        // nobody's titles: a program draws the windows of the demo display
        WORKSIGHT_ACTIVITY_TITLES: 'true',
        WORKSIGHT_ACTIVITY_FLUSH_SECONDS: String(DEMO_INTERVAL_SECONDS),
      }),
      ...(display
        ? { DISPLAY: display, WAYLAND_DISPLAY: '' }
        : { WORKSIGHT_SCREENSHOT_SOURCE: 'simulated' }),
    }
  }

  async #command(display: string | null, name: string, ...flags: string[]): Promise<string> {
    const { code, stdout, stderr } = await runToEnd(
      [...this.#program, name, ...flags, ...this.#where],
      { cwd: this.#root, env: this.#environment(display) }
    )
    if (code !== 0) {
      const lines = stderr.trim().split('\n').slice(-6)
      throw new StartFailure(`worksight-agent ${name} failed`, code, lines)
    }
    return stdout
  }

  async #name(display: string | null): Promise<string> {
    const status: { name: string } = JSON.parse(await this.#command(display, 'status', '--json'))
    return status.name
  }

  /** Pictures on the server's shelf: the proof that one went the whole way. */
  #pictures(): number {
    const folder = join(this.#root, 'storage/media/files/screenshots')
    return existsSync(folder)
      ? readdirSync(folder, { recursive: true }).filter((name) => String(name).includes('.')).length
      : 0
  }
}
