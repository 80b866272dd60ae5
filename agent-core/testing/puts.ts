import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { Spool } from '../src/spool.ts'
import { aScreenshot, anEvent } from './samples.ts'

/** Puts items as a process of its own and says of each when it is accepted, so that a tracer can see the order. */
async function puts(folder: string, count: number): Promise<void> {
  const spool = await Spool.open(folder, { quota: { minFreeBytes: 0, maxBytes: 1e12 } })
  for (let index = 0; index < count; index++) {
    const picture = index % 2 === 0 ? randomBytes(3_000) : undefined
    const item = anEvent(spool, picture === undefined ? undefined : aScreenshot(picture))
    const { status } = await spool.put(item, picture)
    writeSync(1, `${status} ${item.id} ${picture === undefined ? 'json' : 'bin,json'}\n`)
  }
  await spool.close()
}

await puts(process.argv[2] ?? '', Number(process.argv[3]))
