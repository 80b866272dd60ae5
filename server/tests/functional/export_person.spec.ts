import { rebuildRollups } from '#services/rollups/rebuild'
import { PERSONAL_TABLES } from '#services/subject/tables'
import { putGap, putPresence, putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import { unzip } from '#tests/support/zip'
import ace from '@adonisjs/core/services/ace'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'

const OUT = app.makePath(`tmp/export-${process.pid}.zip`)
/** The first three quarters of an hour of a day that begins at 4 o'clock in Berlin. */
const DAYS = ['2026-11-17', '2026-11-18', '2026-11-19']
const begin = (day: string) => Date.parse(`${day}T03:00:00Z`)

/** Somebody with a picture, a window and a gap at the very beginning of each of three days. */
async function observed(client: ApiClient) {
  const person = await makeUser('member')
  await person.merge({ timeZone: 'Europe/Berlin', dayStartMinutes: 240 }).save()
  const { agent, token } = await makeAgent(person)
  const pictures = new Map<string, Buffer>()
  for (const [index, day] of DAYS.entries()) {
    const at = begin(day)
    const bytes = await picture(64 + index, 48)
    const shot = describe(1000 + index, bytes, {
      captured_at: new Date(at).toISOString(),
      width: 64 + index,
    })
    const sent = await client
      .post('/api/screenshots')
      .bearerToken(token)
      .field('observation', JSON.stringify(shot))
      .file('file', bytes, { filename: 'screen.webp', contentType: 'image/webp' })
    sent.assertStatus(201)
    pictures.set(shot.id, bytes)
    await putPresence(agent, 'active', at, at + 2_700_000)
    await putWindow(agent, { app: 'Editor', title: day }, at, at + 2_700_000)
    await putGap(agent, 'paused', at, at + 60_000)
  }
  await rebuildRollups()
  return { person, pictures }
}

async function exported(...flags: string[]) {
  const { exitCode } = await ace.exec('export:person', [`--out=${OUT}`, ...flags])
  const files = exitCode === 0 ? unzip(await readFile(OUT)) : new Map<string, Buffer>()
  const json = (path: string) => JSON.parse(String(files.get(path)))
  return { exitCode, files, json }
}

test.group('node ace export:person', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return async () => {
      ace.ui.switchMode('normal')
      await rm(OUT, { force: true })
    }
  })

  test('of some days has what began in them, on the person’s wall, and their files', async ({
    assert,
    client,
  }) => {
    const { person, pictures } = await observed(client)

    const { exitCode, files, json } = await exported(
      `--person=${person.email}`,
      '--from=2026-11-18',
      '--to=2026-11-18',
      '--purpose=a letter'
    )

    assert.equal(exitCode, 0)
    const titles = json('data/activities.json').flatMap(({ title }: { title: string | null }) =>
      title ? [title] : []
    )
    assert.deepEqual(titles, ['2026-11-18'])
    for (const table of ['screenshots', 'gaps', 'rollup_days', 'work_sessions', 'rollup_hours']) {
      assert.lengthOf(json(`data/${table}.json`), 1, table)
    }
    assert.lengthOf(json('data/users.json'), 1)
    const [id, bytes] = [...pictures][1] as [string, Buffer]
    assert.deepEqual(
      [...files.keys()].filter((path) => path.startsWith('media/')),
      [`media/screenshots/${id}.webp`]
    )
    assert.isTrue(bytes.equals(files.get(`media/screenshots/${id}.webp`) ?? Buffer.alloc(0)))
    const manifest = json('manifest.json')
    assert.deepEqual(manifest.period, { from: '2026-11-18', to: '2026-11-18' })
    for (const { path, sha256 } of manifest.files) {
      const found = createHash('sha256').update(files.get(path) ?? '')
      assert.equal(found.digest('hex'), sha256, path)
    }
    const [line] = await db.from('audit_log')
    assert.deepInclude(line, {
      ...{ kind: 'look', action: 'export', actor: 'command', person_id: person.id },
      ...{ object_id: '2026-11-18:2026-11-18', purpose: 'a letter' },
    })
  })

  test('{what} has {count} of three days')
    .with([
      { what: 'no period', flags: [], count: 3 },
      { what: 'a beginning alone', flags: ['--from=2026-11-18'], count: 2 },
      { what: 'an end alone', flags: ['--to=2026-11-18'], count: 2 },
      { what: 'a period without anything', flags: ['--to=2026-11-16'], count: 0 },
    ])
    .run(async ({ assert, client }, { flags, count }) => {
      const { person } = await observed(client)

      const { files, json } = await exported(`--person=${person.email}`, ...flags)

      assert.lengthOf(json('data/gaps.json'), count)
      assert.lengthOf(json('data/rollup_days.json'), count)
      const media = [...files.keys()].filter((path) => path.startsWith('media/'))
      assert.lengthOf(media, count)
    })

  test('names every table of which it takes a part, by a column that is there', async ({
    assert,
  }) => {
    for (const { table, when } of PERSONAL_TABLES) {
      const columns = await db.connection().columnsInfo(table)
      if (when) {
        assert.property(columns, when[0], table)
      }
    }
  })

  test('answers 2 to days that are none, 4 to a file that is there, and writes nothing', async ({
    assert,
    client,
  }) => {
    const { person } = await observed(client)
    const codes = []
    for (const flags of [
      ['--person=nobody@example.test'],
      [`--person=${person.email}`, '--from=yesterday'],
      [`--person=${person.email}`, '--from=2026-11-19', '--to=2026-11-18'],
    ]) {
      codes.push((await exported(...flags)).exitCode)
    }
    assert.deepEqual(codes, [2, 2, 2])
    assert.lengthOf(await db.from('audit_log'), 0)

    await exported(`--person=${person.email}`)
    const again = await exported(`--person=${person.email}`)

    assert.equal(again.exitCode, 4)
    assert.lengthOf(await db.from('audit_log'), 1)
  })
})
