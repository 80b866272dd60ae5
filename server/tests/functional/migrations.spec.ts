import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { MigrationRunner } from '@adonisjs/lucid/migration'
import { test } from '@japa/runner'

/** Tables of the migrations themselves. */
const OWN = /^adonis_schema/

/** Does all that is to be done, or undoes the last migration alone. Gives how many. */
async function migrate(direction: 'up' | 'down'): Promise<number> {
  const runner = new MigrationRunner(db, app, {
    ...(direction === 'up' ? { direction } : { direction, step: 1 }),
    disableLocks: true,
  })
  await runner.run()
  if (runner.error) {
    throw runner.error
  }
  return Object.keys(runner.migratedFiles).length
}

const isMysql = () => db.connection().dialect.name === 'mysql'

/** Every table with its columns, indexes and foreign keys, as the database itself writes them. */
async function schema(): Promise<Record<string, string>> {
  const tables = (await db.connection().getAllTables()).filter((name) => !OWN.test(name)).sort()
  const found: Record<string, string> = {}
  for (const table of tables) {
    found[table] = await (isMysql() ? mysqlTable(table) : sqliteTable(table))
  }
  return found
}

async function mysqlTable(table: string): Promise<string> {
  const [[row]] = await db.rawQuery(`show create table \`${table}\``)
  return String(row['Create Table']).replace(/ AUTO_INCREMENT=\d+/, '')
}

async function sqliteTable(table: string): Promise<string> {
  const rows: { sql: string | null }[] = await db
    .from('sqlite_master')
    .where('tbl_name', table)
    .orderBy('type')
    .orderBy('name')
    .select('sql')
  // A table that was renamed and back is written with other quotes.
  return rows.map(({ sql }) => (sql ?? '').replaceAll('"', '`')).join('\n')
}

test.group('Migrations', (group) => {
  group.setup(() => async () => {
    await migrate('up')
  })

  test('leave an up-to-date database as it is', async ({ assert }) => {
    const before = await schema()

    assert.equal(await migrate('up'), 0)
    assert.deepEqual(await schema(), before)
  })

  test('are undone one by one until the database is empty, and done again to the same schema; meanwhile the server says so', async ({
    assert,
    client,
  }) => {
    const before = await schema()
    const count = (await db.from('adonis_schema')).length

    for (let left = count - 1; left >= 0; left -= 1) {
      assert.equal(await migrate('down'), 1)
      assert.lengthOf(await db.from('adonis_schema'), left)
    }
    const empty = await schema()
    const page = await client.get('/transparency')
    const api = await client.post('/api/enrolments').json({ code: 'AAAA-AAAA' })
    const health = await client.get('/health/ready')
    const done = await migrate('up')
    const after = await client.get('/transparency')

    assert.isAbove(Object.keys(before).length, 40)
    assert.deepEqual(empty, {})
    page.assertStatus(503)
    page.assertHeader('retry-after', '5')
    page.assertTextIncludes('node ace migration:run --force')
    api.assertStatus(503)
    api.assertHeader('retry-after', '5')
    assert.equal(api.body().error.code, 'E_NOT_MIGRATED')
    assert.include(api.body().error.help, 'node ace migration:run --force')
    health.assertStatus(503)
    health.assertBodyContains({
      checks: { database: 'ok', migrations: 'failed', storage: 'ok' },
      help: 'node ace migration:run --force',
    })
    after.assertStatus(200)
    assert.equal(done, count)
    assert.deepEqual(await schema(), before)
  }).timeout(60_000)
})
