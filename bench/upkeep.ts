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
/** Of the rate without sums. */
const LEAST = 0.85
const say = (text: string) => process.stderr.write(`${text}\n`)

const figures: Figure[] = []
for (const engine of flags.db.split(',') as Engine[]) {
  say(`━━ ${engine} ━━`)
  const all = await contestants(engine, say, { names: ['worksight', 'no sums'] })
  try {
    all.forEach((each) => each.setRunning(false))
    const rates = new Map<string, number[]>(all.map(({ name }) => [name, []]))
    for (let round = 0; round <= Number(flags.rounds); round += 1) {
      for (const each of all) {
        const seconds = round === 0 ? WARM_SECONDS : Number(flags.seconds)
        each.setRunning(true)
        const measured = await each.run('backlog', seconds)
        each.setRunning(false)
        const { perSecond = 0, p99Ms = 0 } = measured ?? {}
        say(`${each.name.padEnd(10)} ${Math.round(perSecond)}/s, p99 ${p99Ms.toFixed(1)} ms`)
        if (round > 0) {
          rates.get(each.name)?.push(perSecond)
        }
      }
    }
    const of = (name: string) => median(rates.get(name) ?? [])
    figures.push(
      figure(`backlog, ${engine}`, '/s', of('worksight'), 'no sums', of('no sums'), {
        least: LEAST,
      })
    )
  } finally {
    all.forEach((each) => each.setRunning(true))
    await Promise.all(all.map((each) => each.stop()))
  }
}
report(figures, flags.json)
