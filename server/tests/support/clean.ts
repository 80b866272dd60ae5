import db from '@adonisjs/lucid/services/db'
import type { Group } from '@japa/runner/core'

/** Tables of the migrations themselves. */
const KEPT = /^adonis_schema/

let tables: string[] | null = null

/** Empties every table before each test of a group. */
export function cleanDatabase(group: Group) {
  group.each.setup(emptyTables)
}

export async function emptyTables() {
  tables ??= (await db.connection().getAllTables()).filter((name) => !KEPT.test(name))
  if (db.connection().dialect.name === 'mysql') {
    await db.transaction(async (trx) => {
      await trx.rawQuery('set foreign_key_checks = 0')
      for (const table of tables ?? []) {
        await trx.from(table).delete()
      }
      await trx.rawQuery('set foreign_key_checks = 1')
    })
    return
  }
  await db.rawQuery('pragma foreign_keys = off')
  for (const table of tables) {
    await db.from(table).delete()
  }
  await db.rawQuery('pragma foreign_keys = on')
}
