import { createCategory, createRule } from '#services/categories/store'
import { rebuildRollups } from '#services/rollups/rebuild'
import { putPresence, putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import ace from '@adonisjs/core/services/ace'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { readFile, rm } from 'node:fs/promises'

const at = (clock: string) => Date.parse(`2026-11-19T${clock}:00Z`)
const PERIOD = ['--from=2026-11-16', '--to=2026-11-22']
const OUT = app.makePath(`tmp/report-${process.pid}`)

/** Somebody who worked from 9 to 13, three hours of it in an editor. */
async function worker(team = 'Red') {
  const person = await makeUser('member', team)
  const { agent } = await makeAgent(person)
  await putPresence(agent, 'active', at('09:00'), at('13:00'))
  await putWindow(agent, { app: 'Code' }, at('09:00'), at('12:00'))
  await putWindow(agent, { app: '=Zork' }, at('12:00'), at('13:00'))
  return person
}

/** Runs a report into a file; its exit code and what the file says. */
async function report(...flags: string[]) {
  const { exitCode } = await ace.exec('report:run', [...PERIOD, `--out=${OUT}`, ...flags])
  return { exitCode, text: exitCode === 0 ? await readFile(OUT, 'utf8') : null }
}

test.group('node ace report:run', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return async () => {
      ace.ui.switchMode('normal')
      await rm(OUT, { force: true })
    }
  })

  test('gives the days of a group of five as CSV, and nothing of a smaller one', async ({
    assert,
  }) => {
    for (let person = 1; person <= 5; person += 1) {
      await worker(person === 1 ? 'Blue' : 'Red')
    }
    await rebuildRollups()

    const { text: everybody } = await report()
    const { text: red } = await report('--team=Red')

    const [head, ...rows] = (everybody ?? '').trim().split('\r\n')
    assert.include(head, '"from","to","people","active (s)"')
    assert.lengthOf(rows, 7)
    assert.include(rows[3], `"2026-11-19","2026-11-19","5","${5 * 4 * 3600}"`)
    assert.include(red, '"2026-11-19","2026-11-19","fewer than five"')
    assert.notInclude(red, String(4 * 4 * 3600))
    assert.lengthOf(await db.from('audit_log'), 0)
  })

  test('gives {$self} of a person with a purpose, which stands in the log before')
    .with(['days', 'weeks', 'categories', 'sessions'] as const)
    .run(async ({ assert }, name) => {
      const person = await worker()
      const work = await createCategory({ name: '=Work', value: 'productive', parentId: null })
      await createRule(work, { app: 'code', title: null, domain: null, priority: 50 })
      await rebuildRollups()
      const flags = [`--name=${name}`, `--person=${person.email}`]

      const { text } = await report(...flags, '--format=json', '--purpose=yearly review')
      const { text: table } = await report(...flags, '--purpose=yearly review')

      const { data } = JSON.parse(text ?? '')
      const found = data.find((row: { active_ms?: number }) => (row.active_ms ?? 0) > 0)
      assert.equal(found.active_ms, (name === 'categories' ? 3 : 4) * 3_600_000)
      assert.include(
        table,
        name === 'sessions' ? '14400000' : name === 'categories' ? '"10800"' : '"14400"'
      )
      assert.notMatch(table ?? '', /"=/)
      const [line] = await db.from('audit_log').where('kind', 'look')
      assert.deepInclude(line, { kind: 'look', action: 'report', actor: 'command' })
      assert.deepInclude(line, { purpose: 'yearly review', person_id: person.id })
      assert.equal(line.object_id, `${name}:2026-11-16:2026-11-22`)
    })

  test('answers 2 to what it cannot report, and prints nothing', async ({ assert }) => {
    const person = await worker()
    const codes = []
    for (const flags of [
      ['--name=ranking'],
      ['--format=xlsx'],
      ['--from=yesterday'],
      ['--from=2026-11-23'],
      ['--from=2024-01-01'],
      ['--team=Nowhere'],
      ['--person=nobody@example.test', '--purpose=x'],
      [`--person=${person.email}`],
      [`--person=${person.email}`, '--purpose= '],
      ['--name=sessions'],
    ]) {
      codes.push((await report(...flags)).exitCode)
    }

    assert.deepEqual(codes, new Array(10).fill(2))
    assert.lengthOf(await db.from('audit_log'), 0)
  })
})
