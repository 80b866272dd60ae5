/**
 * Starts the server in this process on the database of the environment, asks every address `ROUNDS`
 * times in turn and prints as JSON what its queries took. Runs with `--import=@poppinss/ts-exec`.
 */
import 'reflect-metadata'
import { Ignitor } from '@adonisjs/core'
import { APP_ROOT, IMPORTER } from '../../bin/app.js'

const rounds = Number(process.argv[2] ?? 20)
const only = process.argv[3] ?? ''
const say = (text: string) => process.stderr.write(`${text}\n`)

const ignitor = new Ignitor(APP_ROOT, { importer: IMPORTER }).tap((booting) => {
  booting.booting(async () => {
    await import('#start/env')
  })
})
await ignitor.httpServer().start()
const url = `http://${process.env.HOST}:${process.env.PORT}`
const { addressesOf } = await import('./addresses.js')
const { QueryWatch, isReading } = await import('./query_watch.js')
const { ask, findWorld, makeVisitors } = await import('./visitors.js')

const visitors = await makeVisitors(url)
const world = await findWorld()
const addresses = addressesOf(world).filter(({ name }) => name.includes(only))
const watch = new QueryWatch()
const measured = new Map(
  addresses.map((address) => [
    address.name,
    {
      ...address,
      ms: [] as number[],
      whole: [] as number[],
      worst: { ms: 0, sql: '' },
      queries: 0,
    },
  ])
)
// the first round warms up
for (let round = 0; round <= rounds; round += 1) {
  for (const address of addresses) {
    watch.take()
    const from = performance.now()
    await ask(url, address, visitors)
    const whole = performance.now() - from
    const queries = watch.take().filter(isReading)
    const found = measured.get(address.name)
    if (found && round > 0) {
      const times = queries.map(({ ms }) => ms)
      // a page has several lists, each with its goal; what the API answers is one
      found.ms.push(
        address.by === 'cookie' ? Math.max(0, ...times) : times.reduce((sum, ms) => sum + ms, 0)
      )
      found.whole.push(whole)
      found.queries = queries.length
      for (const { ms, sql } of queries) {
        if (ms > found.worst.ms) {
          found.worst = { ms, sql }
        }
      }
    }
  }
  say(`round ${round} of ${rounds}`)
}
// to its end before the process leaves: a pipe takes it in pieces
await new Promise((done) =>
  process.stdout.write(`${JSON.stringify([...measured.values()])}\n`, done)
)
process.exit(0)
