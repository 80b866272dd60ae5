import Agent from '#models/agent'
import { media } from '#services/media'
import { missingRanges } from '#services/gap_report'
import { publishVersion } from '#services/policy/store'
import { runRetention } from '#services/retention/run'
import { rebuildRollups } from '#services/rollups/rebuild'
import { settleRollups } from '#services/rollups/settle'
import { cleanDatabase } from '#tests/support/clean'
import { describe, heartbeat, picture, uuidv7 } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import ace from '@adonisjs/core/services/ace'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { existsSync } from 'node:fs'

const NOW = Date.parse('2026-11-22T12:00:00.000Z')
const DAY = 86_400_000
const ago = (days: number) => new Date(NOW - days * DAY).toISOString()

const windowEvent = (seq: number, days: number) => ({
  id: uuidv7(),
  seq,
  captured_at: ago(days),
  utc_offset_minutes: 0,
  policy_version: 0,
  kind: 'window',
  duration_ms: 600_000,
  pulsetime_ms: 5000,
  app: 'Editor',
  title: 'a secret title',
  domain: 'example.test',
  pid: 7,
})

const presence = (seq: number, days: number) => ({
  id: uuidv7(),
  seq,
  captured_at: ago(days),
  utc_offset_minutes: 0,
  policy_version: 0,
  kind: 'presence',
  duration_ms: 600_000,
  pulsetime_ms: 5000,
  state: 'active',
  active_ms: 500_000,
  slot_ms: 10_000,
})

async function send(client: ApiClient, token: string, observations: object[]) {
  const answer = await client.post('/api/observations').bearerToken(token).json({ observations })
  answer.assertStatus(200)
}

async function sendShot(client: ApiClient, token: string, seq: number, days: number) {
  const bytes = await picture()
  const answer = await client
    .post('/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(describe(seq, bytes, { captured_at: ago(days) })))
    .file('file', bytes, { filename: 'screen.webp', contentType: 'image/webp' })
  answer.assertStatus(201)
}

/** A person with an agent that sent, at each age in days, a picture, presence and a window. */
async function observed(client: ApiClient, ages: readonly number[]) {
  const person = await makeUser('member')
  const { agent, token } = await makeAgent(person)
  let seq = 0
  for (const days of ages) {
    await sendShot(client, token, (seq += 1), days)
    await send(client, token, [presence((seq += 1), days), windowEvent((seq += 1), days)])
  }
  const keys: { media_key: string }[] = await db
    .from('screenshots')
    .where('agent_id', agent.id)
    .orderBy('captured_at')
  return { person, agent, token, files: keys.map(({ media_key: key }) => media.path(key)) }
}

const daySums = () =>
  db
    .from('rollup_days')
    .orderBy('day')
    .select('day', 'active_ms', 'screenshots', 'bytes', 'sessions')
const categorySums = () => db.from('rollup_day_categories').orderBy('day').orderBy('category_id')

test.group('Retention', (group) => {
  cleanDatabase(group)

  test('lets go each kind at its own age: rows and files, titles before applications', async ({
    client,
    assert,
  }) => {
    const { files } = await observed(client, [100, 40, 5])

    const report = await runRetention({ now: NOW })

    assert.containSubset(report, {
      screenshots: { rows: 2, files: 2 },
      titles: { rows: 2 },
      heartbeats: { rows: 2 },
    })
    assert.deepEqual(files.map(existsSync), [false, false, true])
    assert.lengthOf(await db.from('screenshots'), 1)
    const windows = await db.from('activities').where('kind', 'window').orderBy('captured_at')
    assert.deepEqual(
      windows.map(({ app, title, domain }) => [app, title, domain]),
      [
        ['Editor', null, null],
        ['Editor', 'a secret title', 'example.test'],
      ]
    )
  })

  test('leaves every sum as it was, and a count anew keeps it', async ({ client, assert }) => {
    await observed(client, [100, 40, 5])
    await settleRollups()
    const [days, categories] = [await daySums(), await categorySums()]

    await runRetention({ now: NOW })
    const after = [await daySums(), await categorySums()]
    await rebuildRollups()

    assert.isAbove(days.length, 2)
    assert.deepEqual(after, [days, categories])
    assert.deepEqual([await daySums(), await categorySums()], [days, categories])
  })

  test('counts what comes late for a time that it has been at', async ({ client, assert }) => {
    const { token } = await observed(client, [40, 5])
    await runRetention({ now: NOW })
    const before = await daySums()

    await sendShot(client, token, 7, 40)
    await settleRollups()

    const [late] = await daySums()
    assert.equal(Number(late.screenshots), Number(before[0].screenshots))
    await sendShot(client, token, 8, 20)
    await settleRollups()
    const days = await daySums()
    assert.lengthOf(days, before.length + 1)
  })

  test('does not call what it let go a loss, and remembers it in one number', async ({
    client,
    assert,
  }) => {
    const { agent } = await observed(client, [200, 150, 5])

    await runRetention({ now: NOW })

    assert.deepEqual(await missingRanges(agent.id), [])
    assert.lengthOf(await db.from('deletions'), 0)
    assert.equal((await Agent.findOrFail(agent.id)).erasedSeq, 6)
  })

  test('leaves a hole open, because what is missing may still arrive', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent(await makeUser('member'))
    await send(client, token, [
      { ...heartbeat(1), captured_at: ago(200) },
      { ...heartbeat(3), captured_at: ago(199) },
      heartbeat(4),
    ])

    await runRetention({ now: NOW })

    assert.deepEqual(await missingRanges(agent.id), [{ from: 2, to: 2 }])
  })

  test('goes on after it was stopped in the middle, and ends with the same', async ({
    client,
    assert,
  }) => {
    const { files } = await observed(client, [100, 90, 80, 5])
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const stop = new AbortController()
      const running = runRetention({ now: NOW, signal: stop.signal })
      stop.abort()
      await running
    }

    await runRetention({ now: NOW })

    assert.lengthOf(await db.from('screenshots'), 1)
    assert.deepEqual(files.map(existsSync), [false, false, false, true])
  })

  test('says with a dry run what would go, and touches nothing', async ({ client, assert }) => {
    const { files } = await observed(client, [100, 5])

    const report = await runRetention({ now: NOW, dryRun: true })

    assert.equal(report.screenshots.rows, 1)
    assert.isAbove(report.screenshots.bytes, 100)
    assert.equal(report.heartbeats.rows, 2)
    assert.lengthOf(await db.from('screenshots'), 2)
    assert.deepEqual(files.map(existsSync), [true, true])
  })

  test('follows the policy of the person', async ({ client, assert }) => {
    const { person } = await observed(client, [3, 1])
    await publishVersion({
      subject: { level: 'person', id: person.id },
      values: { 'retention.screenshots_days': 2 },
      locked: [],
      reason: null,
      actor: 'command',
    })

    const report = await runRetention({ now: NOW })

    assert.equal(report.screenshots.rows, 1)
  })

  test('leaves what is held until the hold is released', async ({ client, assert }) => {
    const { person } = await observed(client, [100, 50])
    ace.ui.switchMode('raw')
    const held = await ace.exec('retention:hold', [
      `--person=${person.email}`,
      `--from=${ago(60)}`,
      '--reason=a dispute',
    ])

    await runRetention({ now: NOW })
    const during = await db.from('screenshots')
    await ace.exec('retention:hold', [`--person=${person.email}`, '--release'])
    await runRetention({ now: NOW })

    assert.equal(held.exitCode, 0)
    assert.lengthOf(during, 1)
    assert.lengthOf(await db.from('screenshots'), 0)
    ace.ui.switchMode('normal')
  })

  test('lets the oldest media go until the rest fits', async ({ client, assert }) => {
    const { files } = await observed(client, [4, 3, 2, 1])
    const [{ bytes }] = await db.from('screenshots').sum('bytes as bytes')

    const report = await runRetention({ now: NOW, mostMediaBytes: Number(bytes) * 0.6 })

    assert.equal(report.screenshots.files, 2)
    assert.deepEqual(files.map(existsSync), [false, false, true, true])
  })

  test('refuses a kind or an instant that does not exist with 2', async ({ assert }) => {
    ace.ui.switchMode('raw')
    const kind = await ace.exec('retention:run', ['--kind=keys'])
    const instant = await ace.exec('retention:run', ['--before=yesterday'])
    ace.ui.switchMode('normal')

    assert.deepEqual([kind.exitCode, instant.exitCode], [2, 2])
  })
})
