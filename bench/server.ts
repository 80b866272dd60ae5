/**
 * Ingest against its peers, in one run on loopback: a tuned Django REST server as the former system
 * had it, a plain AdonisJS one, and bare node:http with the driver as the limit. The load has one
 * core, the application and its database the other. `--json` prints the array of figures, `--rounds`
 * and `--seconds` shorten or lengthen the run, `--peers` and `--workloads` name parts of it, and
 * `--profile FOLDER` writes what the CPU of ours was used for there.
 */
import { type Contestant, contestants, type Engine } from './support/contestants.ts'
import { figure, limit, median, report, type Figure } from './support/report.ts'
import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    db: { type: 'string', default: 'mysql,sqlite' },
    peers: { type: 'string', default: 'django,adonis,bare' },
    workloads: { type: 'string', default: 'single,batch,upload 200 KB,upload 20 MB' },
    profile: { type: 'string' },
  },
})
const rounds = Number(flags.rounds)
const seconds = Number(flags.seconds)
const say = (text: string) => process.stderr.write(`${text}\n`)

/** What is measured: its name, its goals against each peer, by engine. */
const WORKLOADS = ['single', 'batch', 'upload 200 KB', 'upload 20 MB'] as const
type Workload = (typeof WORKLOADS)[number]

/** CPU time is microseconds a request, of the application and of its database. */
type Sample = { perSecond: number; p99Ms: number; application: number; database: number }
type Samples = Map<string, Sample[]>

const figures: Figure[] = []
for (const engine of flags.db.split(',') as Engine[]) {
  say(`━━ ${engine} ━━`)
  const all = await contestants(engine, say, {
    names: ['worksight', ...flags.peers.split(',')],
    profile: flags.profile,
  })
  try {
    for (const workload of WORKLOADS.filter((name) => flags.workloads.split(',').includes(name))) {
      const measured = await measure(all, workload)
      figures.push(...compare(engine, workload, measured).filter(({ peer }) => measured.has(peer)))
    }
    const [ours] = all
    figures.push(
      limit(`memory after the run, ${engine}`, 'MB', ours?.residentMegabytes() ?? 0, 256)
    )
  } finally {
    await Promise.all(all.map((each) => each.stop()))
  }
}
report(figures, flags.json)

/** Rounds in turn, so that what disturbs the machine disturbs all; the first one warms up. */
async function measure(all: readonly Contestant[], workload: Workload): Promise<Samples> {
  const samples: Samples = new Map()
  for (let round = 0; round <= rounds; round += 1) {
    for (const each of all) {
      const sample = await each.run(workload, seconds)
      if (sample) {
        const micros = `${Math.round(sample.application)} + ${Math.round(sample.database)} µs`
        say(`  ${each.name.padEnd(10)} ${sample.perSecond.toFixed(1).padStart(9)}/s  ${micros}`)
      }
      if (sample && round > 0) {
        samples.set(each.name, [...(samples.get(each.name) ?? []), sample])
      }
    }
    say(`${workload}, round ${round} of ${rounds}`)
  }
  return samples
}

function compare(engine: Engine, workload: Workload, samples: Samples): Figure[] {
  const of = (name: string, key: keyof Sample) =>
    median((samples.get(name) ?? []).map((sample) => sample[key]))
  const cpu = (name: string) =>
    median((samples.get(name) ?? []).map((sample) => sample.application + sample.database))
  const rate = (peer: string, least: number) =>
    figure(
      `${workload}, ${engine}`,
      workload.startsWith('upload') ? 'MB/s' : '/s',
      of('worksight', 'perSecond'),
      peer,
      of(peer, 'perSecond'),
      { least }
    )
  const isMysql = engine === 'mysql'
  switch (workload) {
    case 'single':
      return [
        rate('django', 25),
        rate('adonis', 10),
        rate('bare', isMysql ? 0.7 : 0.33),
        figure(
          `single, ${engine}, p99`,
          'ms',
          of('worksight', 'p99Ms'),
          'bare',
          of('bare', 'p99Ms'),
          {
            most: 2,
          }
        ),
        figure(
          `single, ${engine}, CPU of app and database`,
          'µs',
          cpu('worksight'),
          'django',
          cpu('django'),
          { most: 0.04 }
        ),
      ]
    case 'batch':
      return [rate('django', 8), ...(isMysql ? [rate('bare', 0.75)] : [])]
    case 'upload 200 KB':
      return [rate('django', 1.3)]
    case 'upload 20 MB':
      return [rate('django', 1.8), rate('bare', 0.65)]
  }
}
