/**
 * Fills the database that the environment names (DB_CONNECTION, SQLITE_FILE or DB_…), migrated, with what
 * the benches ask. `--agents`, `--from` and `--until` say how much; one JSON document says what was made.
 * Broken off, it goes on where it was. Runs with `--import=@poppinss/ts-exec`.
 */
import 'reflect-metadata'
import { Ignitor } from '@adonisjs/core'
import { parseArgs } from 'node:util'
import { APP_ROOT, IMPORTER } from '../bin/app.js'

const { values: flags } = parseArgs({
  options: {
    agents: { type: 'string', default: '200' },
    from: { type: 'string' },
    until: { type: 'string' },
  },
})

const app = new Ignitor(APP_ROOT, { importer: IMPORTER })
  .tap((booting) => {
    booting.booting(async () => {
      await import('#start/env')
    })
  })
  .createApp('console')
await app.init()
await app.boot()
try {
  const { fillDataset } = await import('./support/dataset.js')
  const startedAt = Date.now()
  const { from, until } = flags
  if (!from || !until) {
    throw new Error('E_BENCH: --from and --until name the first day and the last')
  }
  const counts = await fillDataset({ agents: Number(flags.agents), from, until }, (done, all) => {
    if (done % 10 === 0 || done === all) {
      const seconds = Math.round((Date.now() - startedAt) / 1000)
      process.stderr.write(`${done} of ${all} days, ${seconds} s\n`)
    }
  })
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  process.stdout.write(`${JSON.stringify({ ...counts, seconds })}\n`)
} finally {
  await app.terminate()
}
