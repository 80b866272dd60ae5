import { record, sealOf, verifyAudit, type AuditFacts, type AuditRow } from '#services/audit'
import { pruneAudit } from '#services/audit_pruning'
import { cleanDatabase } from '#tests/support/clean'
import { stopClock } from '#tests/support/clock'
import { makeUser } from '#tests/support/people'
import ace from '@adonisjs/core/services/ace'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-19T12:00:00Z')
/** Kept for a year: what is older than this goes. */
const CUT = Math.floor((NOW - 365 * DAY) / DAY) * DAY

const look = (person: number): AuditFacts => ({
  ...{ kind: 'look', action: 'screenshot', actor: 'user', actor_id: 1, person_id: person },
  ...{ agent_id: 3, object_id: 'shot', purpose: null, details: null, address: '127.0.0.1' },
})

/** A log of so many rows, the n-th of them written at `times[n]`, sealed as if it had been so. */
async function logOf(times: readonly number[], person = 2) {
  await Promise.all(times.map(() => record(look(person))))
  let previous = '0'.repeat(64)
  for (const [index, at] of times.entries()) {
    const id = index + 1
    const sealed = { ...look(person), id, at, previous_hash: previous }
    previous = sealOf(sealed)
    await db
      .from('audit_log')
      .where('id', id)
      .update({ at, previous_hash: `${id}` })
    await db
      .from('audit_log')
      .where('id', id)
      .update({ previous_hash: sealed.previous_hash, hash: previous })
  }
  await db.from('audit_head').update({ last_hash: previous })
}

const ids = async () => (await db.from('audit_log').orderBy('id')).map(({ id }) => Number(id))

/** Ten rows, of which the first six are too old, the sixth by a millisecond. */
const TEN = [100, 90, 80, 70, 60]
  .map((days) => CUT - days * DAY)
  .concat([CUT - 1, CUT, CUT + DAY, CUT + 2 * DAY, NOW])

test.group('Pruning of the audit log', (group) => {
  cleanDatabase(group)
  group.each.setup(() => stopClock(NOW))

  test('lets whole days go that are too old, and what is left is proven by a row that seals them', async ({
    assert,
  }) => {
    await logOf(TEN)
    const [{ hash }] = await db.from('audit_log').where('id', 6).select('hash')

    assert.deepEqual(await pruneAudit({ now: NOW }), { rows: 6, broken: null })

    assert.deepEqual(await ids(), [7, 8, 9, 10, 11])
    const [anchor] = await db.from('audit_log').where('id', 11)
    assert.deepInclude(anchor, { kind: 'change', action: 'audit.prune', actor: 'command' })
    assert.deepEqual(JSON.parse(anchor.details).after, { from: 1, to: 6, rows: 6, hash })
    assert.deepInclude(await verifyAudit(), {
      ...{ status: 'verified', first: 7, last: 11 },
      pruned: { id: 11, last: 6, hash },
    })
    assert.deepInclude(await verifyAudit(3), { status: 'verified', first: 7 })
    assert.deepInclude(await verifyAudit(9), { status: 'verified', first: 9 })
    assert.deepEqual(await pruneAudit({ now: NOW }), { rows: 0, broken: null })
  })

  test('goes on with what is written, and prunes again, the anchor of before with it', async ({
    assert,
  }) => {
    await logOf(TEN)
    await pruneAudit({ now: NOW })
    await record(look(2))

    const { rows } = await pruneAudit({ now: NOW + 400 * DAY })

    assert.equal(rows, 6)
    assert.deepEqual(await ids(), [13])
    assert.deepInclude(await verifyAudit(), { status: 'verified', first: 13, last: 13 })
  })

  test('{what} is named')
    .with([
      { what: 'a changed row after the anchor', id: 8, change: { purpose: 'another' } },
      { what: 'the first row that is left, changed', id: 7, change: { actor_id: 9 } },
      { what: 'a changed anchor', id: 11, change: { details: '{"after":{"to":7,"hash":"x"}}' } },
      { what: 'an anchor that says nothing', id: 11, change: { details: null } },
    ])
    .run(async ({ assert }, { id, change }) => {
      await logOf(TEN)
      await pruneAudit({ now: NOW })
      await db.from('audit_log').where('id', id).update(change)

      assert.deepInclude(await verifyAudit(), { status: 'broken', id })
    })

  test('finds a first row that was removed beside the pruning, one sealed anew, and a missing anchor', async ({
    assert,
  }) => {
    await logOf(TEN)
    await pruneAudit({ now: NOW })
    const row = (await db.from('audit_log').where('id', 7).firstOrFail()) as AuditRow

    const forged = { ...row, id: 7, at: Number(row.at), previous_hash: 'f'.repeat(64) }
    await db
      .from('audit_log')
      .where('id', 7)
      .update({ previous_hash: forged.previous_hash, hash: sealOf(forged) })
    assert.deepInclude(await verifyAudit(), { status: 'broken', id: 7 })

    await db.from('audit_log').where('id', 7).delete()
    assert.deepInclude(await verifyAudit(), { status: 'broken', id: 7 })

    await db.from('audit_log').where('id', 11).delete()
    assert.deepInclude(await verifyAudit(), { status: 'broken', id: 1 })
  })

  test('a run that was ended after its row is whole, finds a change in what was left, and is finished by the next', async ({
    assert,
  }) => {
    await logOf(TEN)
    const { rows } = await pruneAudit({ now: NOW, signal: AbortSignal.abort() })

    assert.equal(rows, 0)
    assert.lengthOf(await ids(), 11)
    await db.from('audit_log').where('id', '<=', 4).delete()
    assert.deepInclude(await verifyAudit(), { status: 'verified', first: 5, last: 11 })

    assert.equal((await pruneAudit({ now: NOW })).rows, 2)
    assert.deepEqual(await ids(), [7, 8, 9, 10, 11])
    assert.deepInclude(await verifyAudit(), { status: 'verified', first: 7 })
  })

  test('stops before a row about somebody whose data of that time is held', async ({ assert }) => {
    const person = await makeUser('member')
    await logOf(TEN, person.id)
    await db.table('retention_holds').insert({
      ...{ person_id: person.id, from: CUT - 75 * DAY, until: CUT, reason: 'a court' },
      created_at: Date.now(),
    })

    await pruneAudit({ now: NOW })

    assert.deepEqual(await ids(), [4, 5, 6, 7, 8, 9, 10, 11])
    assert.deepInclude(await verifyAudit(), { status: 'verified', first: 4 })
  })

  test('is what retention:run does; it counts alone with --dry-run, and leaves a log alone that is not whole', async ({
    assert,
  }) => {
    await logOf(TEN)
    const run = async (...flags: string[]) => (await ace.exec('retention:run', flags)).exitCode

    assert.equal(await run('--dry-run'), 0)
    assert.lengthOf(await ids(), 10)
    await db.from('audit_log').where('id', 2).update({ purpose: 'another' })
    assert.deepEqual(await pruneAudit({ now: NOW }), { rows: 0, broken: 2 })
    assert.equal(await run('--kind=audit'), 1)
    assert.lengthOf(await ids(), 10)

    await db.from('audit_log').where('id', 2).update({ purpose: null })
    assert.equal(await run('--kind=titles'), 0)
    assert.lengthOf(await ids(), 10)
    assert.equal(await run('--kind=audit'), 0)
    assert.deepEqual(await ids(), [7, 8, 9, 10, 11])
  })
})
