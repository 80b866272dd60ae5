import { launch } from '#tests/support/visitor'
import { World } from '#tests/support/world'
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import type { Browser } from 'playwright'

/** A server with the five people of the demo, their work until 20 November 2026, and an owner. */
export type Demo = {
  readonly world: World
  readonly owner: { readonly email: string; readonly password: string }
  /** The password of everybody of the demo. */
  readonly password: string
  /** The number of a person of the demo. */
  readonly idOf: (name: string) => number
  /** Runs something with the database file open. */
  readonly withDatabase: <Result>(work: (file: InstanceType<typeof Sqlite>) => Result) => Result
}

let browser: Promise<Browser> | null = null
let demo: Promise<Demo> | null = null

/** The one Chromium of the browser specs. */
export function sharedBrowser(): Promise<Browser> {
  browser ??= launch()
  return browser
}

/** The one server with demo data of the browser specs: what a spec changes, the next one finds. */
export function sharedDemo(): Promise<Demo> {
  demo ??= makeDemo()
  return demo
}

/** Ends what was shared. */
export async function endShared() {
  await (await browser)?.close()
  await (await demo)?.world.end()
}

async function makeDemo(): Promise<Demo> {
  const world = await World.make()
  const { owner } = await world.setUp()
  const days = ['--days', '5', '--until', '2026-11-20', '--picture-days', '3']
  const seeded = await world.run<{ password: string }>('demo:seed', '--people', '5', ...days)
  await world.startServer()
  const withDatabase = <Result>(work: (file: InstanceType<typeof Sqlite>) => Result) => {
    const file = new Sqlite(join(world.folder, 'database.sqlite'))
    try {
      return work(file)
    } finally {
      file.close()
    }
  }
  const idOf = (name: string) =>
    withDatabase((file) => {
      const [row] = file.prepare('select id from users where full_name = ?').all(name)
      return (row as { id: number }).id
    })
  return { world, owner, password: seeded.password, idOf, withDatabase }
}
