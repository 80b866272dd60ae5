import { ApiClient } from '../src/api_client.ts'
import { systemClock } from '../src/clock.ts'
import { Courier } from '../src/courier.ts'
import { silentLogger } from '../src/logger.ts'
import { Spool } from '../src/spool.ts'

/** Delivers what a spool holds, as the agent does, and answers with its counters at the end. */
export async function drain(folder: string, server: string, giveUpMs = 20_000) {
  const spool = await Spool.open(folder, { quota: { minFreeBytes: 0, maxBytes: 1e12 } })
  const api = new ApiClient({ server })
  const courier = new Courier({
    spool,
    clock: systemClock,
    logger: silentLogger,
    random: () => 0,
    deliver: (items, signal) => api.deliver(items, { token: 'wsa_fake' }, signal),
  })
  courier.start()
  await courier.drained(AbortSignal.timeout(giveUpMs))
  await courier.stop()
  const counters = spool.counters()
  await spool.close()
  api.close()
  return counters
}

if (process.argv[1] === import.meta.filename) {
  const [folder = '', server = ''] = process.argv.slice(2)
  process.stdout.write(`${JSON.stringify(await drain(folder, server))}\n`)
}
