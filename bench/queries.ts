/**
 * What the lists and statistics of API and pages cost the database at full size: 200 agents, 105 days,
 * 10 080 000 heartbeats, 1 008 000 activity events, 1 008 000 screenshots, on both engines. Each address
 * is asked over HTTP as somebody asks it, in turn with all others, and the time of its reading queries is
 * added up: from the driver's call until its rows are here. `--json` prints the array of figures;
 * `--data FOLDER` is where the data stay from run to run; `--db`, `--agents`, `--days`, `--rounds` and
 * `--only` shorten the run.
 */
import type { Address } from './support/addresses.ts'
import { freePort, type Engine } from './support/contestants.ts'
import { prepareData, run, WHOLE } from './support/data.ts'
import { figure, limit, median, percentile, report, type Figure } from './support/report.ts'
import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    data: { type: 'string', default: 'tmp/bench-data' },
    db: { type: 'string', default: 'sqlite,mysql' },
    agents: { type: 'string', default: String(WHOLE.agents) },
    days: { type: 'string', default: String(WHOLE.days) },
    rounds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    worst: { type: 'boolean', default: false },
  },
})

/** Milliseconds in the database, 95th of a hundred. */
const MOST_MS = { list: 10, statistic: 60 } as const
/** How much longer page 10 000 may take than page 1 of the same run: the noise of a millisecond. */
const DEEP_RATIO = 1.5

type Measured = Address & {
  readonly ms: number[]
  readonly whole: number[]
  readonly queries: number
  readonly worst: { readonly ms: number; readonly sql: string }
}

const say = (text: string) => process.stderr.write(`${text}\n`)
const figures: Figure[] = []
for (const engine of flags.db.split(',') as Engine[]) {
  const asked = {
    engine,
    folder: flags.data,
    agents: Number(flags.agents),
    days: Number(flags.days),
  }
  const data = await prepareData(asked, say)
  try {
    const port = String(await freePort())
    const environment = { ...data.environment, PORT: port, APP_URL: `http://127.0.0.1:${port}` }
    const command = ['--import=@poppinss/ts-exec', 'bench/support/query_times.ts']
    const output = await run([...command, flags.rounds, flags.only], environment)
    const measured = JSON.parse(output) as Measured[]
    figures.push(...measured.map((one) => figureOf(engine, one, measured)))
    if (flags.worst) {
      sayWorst(measured)
    }
  } finally {
    await data.stop()
  }
}
report(figures, flags.json)

function figureOf(engine: Engine, one: Measured, all: readonly Measured[]): Figure {
  const first = all.find(({ name }) => name === one.deepOf)
  const name = `${one.name}, ${engine}`
  return first
    ? figure(name, 'ms', median(one.ms), 'page 1', median(first.ms), { most: DEEP_RATIO })
    : limit(name, 'ms', percentile(one.ms, 0.95), MOST_MS[one.kind])
}

/** The slowest query of each address that misses its goal, or comes near. */
function sayWorst(measured: readonly Measured[]) {
  for (const { name, kind, ms, whole, queries, worst } of measured) {
    if (percentile(ms, 0.95) > MOST_MS[kind] / 2 || percentile(whole, 0.95) > 100) {
      const [inside, all] = [percentile(ms, 0.95), percentile(whole, 0.95)].map((t) => t.toFixed(1))
      say(`${name}: ${inside} ms in ${queries} queries, ${all} ms in all`)
      say(`    ${worst.ms.toFixed(1)} ms: ${worst.sql.replace(/\s+/g, ' ').slice(0, 700)}`)
    }
  }
}
