import { record, recordChange, verifyAudit, type AuditFacts } from '#services/audit'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const look = (object: string): AuditFacts => ({
  kind: 'look',
  action: 'screenshot',
  actor: 'user',
  actor_id: 1,
  person_id: 2,
  agent_id: 3,
  object_id: object,
  purpose: 'weekly 1:1 – „ü“',
  details: null,
  address: '127.0.0.1',
})

async function write(count: number) {
  await Promise.all(Array.from({ length: count }, (_, at) => record(look(`shot ${at}`))))
}

test.group('Audit log', (group) => {
  cleanDatabase(group)

  test('numbers rows without a hole and is whole, however many write at once', async ({
    assert,
  }) => {
    await write(60)
    await write(3)

    const rows = await db.from('audit_log').orderBy('id')

    assert.deepEqual(
      rows.map(({ id }) => Number(id)),
      Array.from({ length: 63 }, (_, at) => at + 1)
    )
    assert.include(await verifyAudit(), { status: 'verified', first: 1, last: 63 })
    assert.include(await verifyAudit(40), { status: 'verified', first: 40, last: 63 })
  })

  test('is empty before anything happened', async ({ assert }) => {
    assert.deepEqual(await verifyAudit(), { status: 'empty' })
  })

  test('finds a row whose {column} was changed')
    .with([
      { column: 'object_id', value: 'another' },
      { column: 'actor_id', value: 9 },
      { column: 'at', value: 1 },
      { column: 'purpose', value: null },
      { column: 'address', value: '10.0.0.1' },
      { column: 'hash', value: 'f'.repeat(64) },
    ])
    .run(async ({ assert }, { column, value }) => {
      await write(5)
      await db
        .from('audit_log')
        .where('id', 3)
        .update({ [column]: value })

      assert.include(await verifyAudit(), { status: 'broken', id: 3 })
    })

  test('finds a removed row, and an end that was cut off', async ({ assert }) => {
    await write(5)
    await db.from('audit_log').where('id', 5).delete()
    assert.include(await verifyAudit(), { status: 'broken', id: 5 })

    await db.from('audit_log').where('id', 2).delete()
    assert.include(await verifyAudit(), { status: 'broken', id: 2 })
  })

  test('finds a row that was sealed anew after a change', async ({ assert }) => {
    const { sealOf } = await import('#services/audit')
    await write(5)
    const row = await db.from('audit_log').where('id', 3).firstOrFail()
    const changed = { ...row, id: 3, at: Number(row.at), object_id: 'another' }
    await db
      .from('audit_log')
      .where('id', 3)
      .update({ object_id: 'another', hash: sealOf(changed) })

    assert.include(await verifyAudit(), { status: 'broken', id: 4 })
  })

  test('keeps of a change what differs, and nothing when the change is undone', async ({
    assert,
  }) => {
    const owner = await makeUser('owner')
    const actor = { user: owner, address: '127.0.0.1' }
    const before = { name: 'Dana', role: 'member' }

    await db.transaction((trx) =>
      recordChange(trx, actor, 'user.update', { type: 'user', id: 7, personId: 7 }, before, {
        name: 'Dana',
        role: 'manager',
      })
    )
    await db
      .transaction(async (trx) => {
        await recordChange(trx, 'command', 'user.delete', { type: 'user', id: 7 }, before)
        throw new Error('undone')
      })
      .catch(() => null)

    const rows = await db.from('audit_log')
    assert.lengthOf(rows, 1)
    assert.include(rows[0], { actor_id: owner.id, object_id: 'user:7', person_id: 7 })
    assert.deepEqual(JSON.parse(rows[0].details), {
      before: { role: 'member' },
      after: { role: 'manager' },
    })
    assert.include(await verifyAudit(), { status: 'verified', last: 1 })
  })
})
