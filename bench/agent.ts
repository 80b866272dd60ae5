/**
 * What the agent costs a machine, beside what a user would script: heartbeat every 30 s, activity and
 * a picture every 10 s against `scrot` + `curl`, ImageMagick's `import` + `curl` and a loop in Node with
 * the npm package screenshot-desktop, all at the same time on the same 1920 × 1080 display, once with a
 * picture that stands still and once with one that changes. `--json` prints the array of figures, `--rounds` and `--seconds` shorten or lengthen the run.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startXvfb } from '@worksight/agent-core/testing'
import { capturing, resting } from './support/agent_sites.ts'
import { figure, limit, median, report, type Figure } from './support/report.ts'
import {
  startAgent,
  startScreenshotDesktop,
  startScript,
  type AgentWatcher,
  type Watcher,
} from './support/watchers.ts'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
  },
})
const rounds = Number(flags.rounds)
const seconds = Number(flags.seconds)
const say = (text: string) => process.stderr.write(`${text}\n`)

/** Seconds between two pictures, of everybody. */
const EVERY = 10
/**
 * How long everybody runs before the first round, in milliseconds: an agent runs all day, and what looks
 * at a screen is compiled by its fifth picture.
 */
const WARM_UP_MS = 62_000
const DEMO = fileURLToPath(new URL('../agent-plugins/screenshot/demo_display.ts', import.meta.url))

const DISPLAYS = ['static', 'busy'] as const
type Kind = (typeof DISPLAYS)[number]
type Cost = ReturnType<Watcher['cost']>

/** The goals are those of pictures that mostly stand still, and of pictures that are all different. */
const GOALS = {
  static: { cpu: 0.6, bytes: 0.2 },
  busy: { cpu: 1, bytes: 0.6 },
} as const

/** Of the CPU of a loop in Node with screenshot-desktop and PNG, on either display. */
const GOAL_IN_NODE = 0.35

const figures: Figure[] = []
for (const kind of DISPLAYS) {
  figures.push(...(await measure(kind)))
}
report(figures, flags.json)

async function measure(kind: Kind): Promise<Figure[]> {
  const xvfb = await startXvfb({ width: 1920, height: 1080 })
  const env = { ...process.env, DISPLAY: xvfb.name }
  const demo = spawn(process.execPath, [DEMO], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const watchers: Watcher[] = []
  try {
    await sleep(4000)
    if (kind === 'static') {
      // what it drew stays on the display, and nothing moves any more
      demo.kill('SIGSTOP')
    }
    // the first start of all compiles the sources, and keeps what it made for the next ones
    await startAgent(xvfb.name, capturing).then((first) => first.stop())
    const agent = await startAgent(xvfb.name, capturing)
    // its first picture is not to wait for the start of the others
    await sleep(2000)
    watchers.push(agent, await startAgent(xvfb.name, resting))
    watchers.push(await startScript(xvfb.name, 'scrot', EVERY))
    watchers.push(await startScript(xvfb.name, 'import', EVERY))
    watchers.push(await startScreenshotDesktop(xvfb.name, EVERY))
    await sleep(WARM_UP_MS)
    const rows = await sample(kind, watchers)
    return figuresOf(kind, rows, agent)
  } finally {
    await Promise.all(watchers.map((watcher) => watcher.stop()))
    const gone = once(demo, 'exit')
    demo.kill('SIGKILL')
    await gone
    await xvfb.stop()
  }
}

/** What each one costs a round, as the median of the rounds; memory as it is at the end. */
async function sample(kind: Kind, watchers: readonly Watcher[]): Promise<Map<string, Cost>> {
  const used = new Map(watchers.map(({ name }) => [name, [] as Cost[]]))
  for (let round = 1; round <= rounds; round++) {
    const before = watchers.map((watcher) => watcher.cost())
    await sleep(seconds * 1000)
    watchers.forEach((watcher, index) => {
      const { cpuMs = 0, bytes = 0 } = before[index] ?? {}
      const now = watcher.cost()
      used.get(watcher.name)?.push({ ...now, cpuMs: now.cpuMs - cpuMs, bytes: now.bytes - bytes })
    })
    say(`${kind} display, round ${round} of ${rounds}`)
  }
  for (const [name, costs] of used) {
    const told = costs.map(({ cpuMs, bytes }) => `${cpuMs} ms ${Math.round(bytes / 1024)} KB`)
    say(`${name}: ${told.join(', ')}`)
  }
  return new Map(
    [...used].map(([name, costs]) => [
      name,
      {
        cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
        bytes: median(costs.map(({ bytes }) => bytes)),
        megabytes: costs.at(-1)?.megabytes ?? 0,
      },
    ])
  )
}

function figuresOf(kind: Kind, costs: ReadonlyMap<string, Cost>, agent: AgentWatcher) {
  const of = (name: string) => costs.get(name) ?? { cpuMs: 0, bytes: 0, megabytes: 0 }
  const ours = of('capturing')
  const cpuBeside = (peer: string, most: number) =>
    figure(`CPU, ${kind} display`, 'ms/min', aMinute(ours.cpuMs), peer, aMinute(of(peer).cpuMs), {
      most,
    })
  const sentBeside = (peer: string, most: number) =>
    figure(
      `sent, ${kind} display`,
      'KB/min',
      aMinute(ours.bytes) / 1024,
      peer,
      aMinute(of(peer).bytes) / 1024,
      { most }
    )
  const { cpu, bytes } = GOALS[kind]
  const restingShare = (of('resting').cpuMs / (seconds * 1000)) * 100
  return [
    cpuBeside('scrot + curl', cpu),
    sentBeside('scrot + curl', bytes),
    cpuBeside('import + curl', cpu),
    cpuBeside('screenshot-desktop', GOAL_IN_NODE),
    limit(`CPU between pictures, ${kind} display`, '% of a core', restingShare, 0.3),
    limit(`memory, ${kind} display`, 'MB', ours.megabytes, 100),
    limit(`start to first heartbeat, ${kind} display`, 'ms', agent.firstHeartbeatMs, 1000),
    limit(`capture to accepted, ${kind} display`, 'ms', median(agent.acceptedAfterMs()), 120),
  ]
}

function aMinute(value: number): number {
  return (value * 60) / seconds
}
