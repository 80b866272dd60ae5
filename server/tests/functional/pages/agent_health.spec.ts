import type Agent from '#models/agent'
import { agentHealth, lineOf } from '#services/agent_health'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat, uuidv7 } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const MINUTE = 60_000
const STEP = 15 * MINUTE

async function putBeat(agent: Agent, at: number, cpu: number | null, used: number, queued: number) {
  const body = heartbeat(at % 1_000_000)
  body.system.cpu.load_percent = cpu
  body.system.memory = { total_bytes: 1000, used_bytes: used }
  body.spool.queued = queued
  const id = uuidv7(at)
  await db.table('heartbeats').insert({
    id,
    agent_id: agent.id,
    seq: Math.floor(at / 1000),
    captured_at: at,
    utc_offset_minutes: 60,
    policy_version: 0,
    received_at: at,
    content_sha256: id.replaceAll('-', '').padStart(64, '0'),
    state: 'active',
    body: JSON.stringify(body),
  })
}

test.group('The health of a computer', (group) => {
  cleanDatabase(group)

  test('is the mean and the most of each quarter of an hour, with what was not told left out', async ({
    assert,
  }) => {
    const { agent } = await makeAgent()
    const { agent: other } = await makeAgent()
    const now = Date.parse('2026-11-23T12:07:00Z')
    const step = Math.floor(now / STEP) * STEP
    await putBeat(agent, step - STEP + 1000, 10, 200, 0)
    await putBeat(agent, step - 1, 30, 400, 7)
    await putBeat(agent, step, null, 500, 2)
    await putBeat(other, step, 99, 999, 99)
    await putBeat(agent, step - 96 * STEP, 99, 999, 99)

    const moments = await agentHealth(agent.id, '24h', now)

    assert.lengthOf(moments, 96)
    assert.equal(moments[0]?.at, step - 95 * STEP)
    assert.deepEqual(moments.at(-2), {
      at: step - STEP,
      heartbeats: 2,
      cpu: 20,
      memory: 30,
      queued: 7,
    })
    assert.deepEqual(moments.at(-1), { at: step, heartbeats: 1, cpu: null, memory: 50, queued: 2 })
    assert.isTrue(
      moments.slice(0, -2).every(({ heartbeats, queued }) => heartbeats === 0 && queued === null)
    )
    assert.lengthOf(await agentHealth(agent.id, '7d', now), 84)
  })

  test('is drawn with a gap where nothing was told, and a dash where one moment was', ({
    assert,
  }) => {
    const { path } = lineOf([0, 50, null, 100], 100)

    assert.equal(path, 'M0.0 71.0L200.0 36.0M600.0 1.0h2')
    assert.equal(lineOf([null, null], 100).path, '')
  })

  test('stands on a page with words and a table, and says so where there is none', async ({
    client,
    assert,
  }) => {
    const { agent } = await makeAgent(await makeUser('member'))
    const owner = await makeUser('owner')
    const page = () => client.get(`/agents/${agent.id}/health`).loginAs(owner)

    ;(await page()).assertTextIncludes('No heartbeat in these 24 hours')
    await putBeat(agent, Date.now(), 12, 250, 1)
    const text = (await page()).text()

    assert.include(text, '12 % on average, 12 % at most')
    assert.include(text, '1 item at most')
    assert.include(text, '<td class="tabular-nums">25 %</td>')
    ;(await client.get(`/agents/${agent.id}/health?range=month`).loginAs(owner)).assertStatus(200)
  })
})
