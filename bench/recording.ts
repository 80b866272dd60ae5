/**
 * What recording costs: an agent that records at 5 pictures a second, its ffmpeg included, beside the
 * same ffmpeg without an agent, both at the same time on the same 1920 × 1080 display, once with a
 * picture that stands still and once with one that changes. `--json` prints the array of figures,
 * `--rounds` and `--seconds` shorten or lengthen the run.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startXvfb, temporaryFolder } from '@worksight/agent-core/testing'
import { argv, recordingArguments } from '../agent-plugins/recording/recording_arguments.ts'
import recording, { RECORDING } from './support/recording_site.ts'
import { cpuMs } from './support/meter.ts'
import { figure, limit, median, report, type Figure } from './support/report.ts'
import { startAgent, type AgentWatcher } from './support/watchers.ts'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
  },
})
const rounds = Number(flags.rounds)
const seconds = Number(flags.seconds)
const say = (text: string) => process.stderr.write(`${text}\n`)

/** How long both run before the first round, in milliseconds. */
const WARM_UP_MS = 8000
const AREA = { x: 0, y: 0, width: 1920, height: 1080 }
const DEMO = fileURLToPath(new URL('../agent-plugins/screenshot/demo_display.ts', import.meta.url))

const figures: Figure[] = []
for (const kind of ['static', 'busy'] as const) {
  figures.push(...(await measure(kind)))
}
report(figures, flags.json)

async function measure(kind: 'static' | 'busy'): Promise<Figure[]> {
  const xvfb = await startXvfb(AREA)
  const env = { ...process.env, DISPLAY: xvfb.name }
  const demo = spawn(process.execPath, [DEMO], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const { path: folder, remove } = await temporaryFolder()
  let agent: AgentWatcher | null = null
  let plain: ChildProcess | null = null
  try {
    await sleep(4000)
    if (kind === 'static') {
      demo.kill('SIGSTOP')
    }
    agent = await startAgent(xvfb.name, recording)
    plain = startPlain(xvfb.name, folder)
    await sleep(WARM_UP_MS)
    const ours: number[] = []
    const theirs: number[] = []
    const written: number[] = []
    for (let round = 1; round <= rounds; round++) {
      const before = [await withRecorders(agent), cpuMs(plain.pid ?? 0), await bytesIn(folder)]
      await sleep(seconds * 1000)
      ours.push((await withRecorders(agent)) - (before[0] ?? 0))
      theirs.push(cpuMs(plain.pid ?? 0) - (before[1] ?? 0))
      written.push((await bytesIn(folder)) - (before[2] ?? 0))
      say(`${kind} display, round ${round} of ${rounds}: ${ours.at(-1)} ms, ${theirs.at(-1)} ms`)
    }
    const share = (ms: number[]) => (median(ms) / (seconds * 1000)) * 100
    const megabytes = (median(written) / seconds) * (60 / 1e6)
    return [
      figure(`CPU, ${kind} display`, '% of a core', share(ours), 'plain ffmpeg', share(theirs), {
        most: 1.15,
      }),
      limit(`video, ${kind} display`, 'MB/min', megabytes, 1.5),
      limit(`memory of the agent, ${kind} display`, 'MB', agent.cost().megabytes, 100),
    ]
  } finally {
    await agent?.stop()
    await endOf(plain)
    await endOf(demo, 'SIGKILL')
    await xvfb.stop()
    await remove()
  }
}

function startPlain(display: string, folder: string): ChildProcess {
  const { frameRate, quality, segmentSeconds } = RECORDING
  const args = recordingArguments({
    grab: { by: 'x11grab', server: display, area: AREA },
    frameRate,
    quality,
    blur: 'none',
    segmentSeconds,
    limitSeconds: 0,
  })
  return spawn('nice', ['-n', '10', 'ffmpeg', ...argv(args)], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
}

/** CPU milliseconds of an agent and of the recorders that it has started and that still run. */
async function withRecorders(agent: AgentWatcher): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
    })
  )
  const children = pids.filter((_, index) => parents[index] === agent.pid)
  return agent.cost().cpuMs + children.reduce((sum, pid) => sum + cpuMs(pid), 0)
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size)
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function endOf(child: ChildProcess | null, signal: NodeJS.Signals = 'SIGTERM') {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit')
    child.kill(signal ?? 'SIGTERM')
    await gone
  }
}
