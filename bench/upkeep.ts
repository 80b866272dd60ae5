/**
 * What the sums by the hour and by the day cost ingest: ours beside ours without them, in one run, in
 * turn. Agents bring what collected while their server was away, in batches of a hundred heartbeats half
 * a minute apart, as fast as they can, for longer than sums wait to be counted. `--json` prints the
 * array of figures; `--db`, `--rounds` and `--seconds` shorten the run.
 */
import { contestants, type Engine } from './support/contestants.ts'
import { figure, median, report, type Figure } from './support/report.ts'
import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    db: { type: 'string', default: 'sqlite,mysql' },
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '40' },
  },
})
const WARM_SECONDS = 3
/** Of the rate without sums, and of the time of a core that an event takes without them. */
const [LEAST, MOST] = [0.85, 1.15]
const say = (text: string) => process.stderr.write(`${text}\n`)

const figures: Figure[] = []
for (const engine of flags.db.split(',') as Engine[]) {
  say(`━━ ${engine} ━━`)
  const all = await contestants(engine, say, { names: ['worksight', 'no sums'] })
  try {
    all.forEach((each) => each.setRunning(false))
    const rates = new Map<string, number[]>(all.map(({ name }) => [name, []]))
    const costs = new Map<string, number[]>(all.map(({ name }) => [name, []]))
    for (let round = 0; round <= Number(flags.rounds); round += 1) {
      for (const each of all) {
        const seconds = round === 0 ? WARM_SECONDS : Number(flags.seconds)
        each.setRunning(true)
        const measured = await each.run('backlog', seconds)
        each.setRunning(false)
        const { perSecond = 0, application = 0, database = 0 } = measured ?? {}
        const micros = `${application.toFixed(1)} + ${database.toFixed(1)} µs`
        say(`${each.name.padEnd(10)} ${Math.round(perSecond)}/s, ${micros}`)
        if (round > 0) {
          rates.get(each.name)?.push(perSecond)
          costs.get(each.name)?.push(application + database)
        }
      }
    }
    const [rate, cost] = [rates, costs].map(
      (values) => (name: string) => median(values.get(name) ?? [])
    ) as [(name: string) => number, (name: string) => number]
    const [ours, peer] = ['worksight', 'no sums'] as const
    figures.push(
      figure(`backlog, ${engine}`, '/s', rate(ours), peer, rate(peer), { least: LEAST }),
      figure(`backlog, ${engine}, CPU of app and database`, 'µs', cost(ours), peer, cost(peer), {
        most: MOST,
      })
    )
  } finally {
    all.forEach((each) => each.setRunning(true))
    await Promise.all(all.map((each) => each.stop()))
  }
}
report(figures, flags.json)
