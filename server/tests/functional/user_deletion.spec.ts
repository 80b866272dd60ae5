import Agent from '#models/agent'
import Export from '#models/export'
import User from '#models/user'
import { deleteAccount } from '#services/account_deletion'
import { disableAccount } from '#services/accounts'
import { verifyAudit } from '#services/audit'
import { exportFile, makeExport } from '#services/exports'
import { publishVersion } from '#services/policy/store'
import { PERSONAL_TABLES } from '#services/subject/tables'
import { rowsOf } from '#services/subject/rows'
import { cleanDatabase } from '#tests/support/clean'
import { describe, heartbeat, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import env from '#start/env'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'

const remove = (client: ApiClient, by: User, { id, email }: User, confirm = email) =>
  client.delete(`/settings/users/${id}`).loginAs(by).form({ confirm }).withCsrfToken().redirects(0)

/** Files of pictures and recordings on the disk. */
async function mediaFiles(): Promise<number> {
  const folder = app.makePath(env.get('STORAGE_PATH', ''), 'files')
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return files.filter((file) => file.isFile()).length
}

/** A person with a heartbeat and a picture. */
async function observed(client: ApiClient) {
  const person = await makeUser('member')
  const { agent, token } = await makeAgent(person)
  const beat = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
  beat.assertStatus(201)
  const bytes = await picture()
  const shot = await client
    .post('/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(describe(2, bytes)))
    .file('file', bytes, { filename: 'a.webp', contentType: 'image/webp' })
  shot.assertStatus(201)
  return { person, agent, token }
}

const hold = (person: User) =>
  db.table('retention_holds').insert({
    ...{ person_id: person.id, from: 0, until: Number.MAX_SAFE_INTEGER },
    ...{ reason: 'a court asked for it', created_at: Date.now() },
  })

test.group('Deleting a user', (group) => {
  cleanDatabase(group)

  test('removes the account and everything that was observed, and leaves the log', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const before = await mediaFiles()
    const { person, agent, token } = await observed(client)
    const own = await tokenOf(person)
    await client.post('/exports').loginAs(person).form({}).withCsrfToken().redirects(0)
    const asked = await Export.create({
      ...{ personId: owner.id, askedBy: person.id, purpose: 'a request', state: 'waiting' },
      askedAt: Date.now(),
    })
    await makeExport(asked.id)
    await publishVersion({
      subject: { level: 'person', id: person.id },
      values: { 'screenshot.enabled': false },
      ...{ locked: [], reason: null, actor: 'command' },
    })

    const answer = await remove(client, owner, person)

    answer.assertHeader('location', '/settings/users')
    assert.match(String(answer.flashMessage('success')), /2 observations, 1 files, 1 computers/)
    assert.isNull(await User.find(person.id))
    const kept = ['acknowledgements', 'audit_log']
    for (const table of PERSONAL_TABLES.filter((one) => !kept.includes(one.table))) {
      const rows = await rowsOf(table, { personId: person.id, agentIds: [agent.id] })
      assert.deepEqual(rows, [], table.table)
    }
    assert.equal(await mediaFiles(), before)
    assert.isFalse(existsSync(exportFile(asked)))
    assert.lengthOf(await db.from('policies').where('level', 'person'), 0)
    assert.isTrue((await Agent.findOrFail(agent.id)).isRevoked)
    const sent = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(3))
    sent.assertStatus(401)
    const read = await client.get('/api/agents').bearerToken(own)
    read.assertStatus(401)
    const page = await client.get('/settings').loginAs(person).redirects(0)
    page.assertHeader('location', '/login')
    const lines = await db.from('audit_log').where('person_id', person.id).orderBy('id')
    assert.includeMembers(
      lines.map(({ action }) => action),
      ['user.disable', 'agent.revoke', 'user.delete']
    )
    assert.deepInclude(JSON.parse(lines.at(-1).details).after, { agents: 1, rows: 2, files: 1 })
    assert.include(await verifyAudit(), { status: 'verified' })
    ;(await client.get('/audit').loginAs(owner)).assertStatus(200)
  }).timeout(20_000)

  test('is for owners and admins, asks for the address, and no owner goes by an admin', async ({
    client,
    assert,
  }) => {
    const [owner, admin] = [await makeUser('owner'), await makeUser('admin')]
    const member = await makeUser('member')

    for (const role of ['manager', 'auditor', 'member'] as const) {
      const answer = await remove(client, await makeUser(role), member)
      answer.assertStatus(404)
    }
    const mistyped = await remove(client, admin, member, owner.email)
    const byAdmin = await remove(client, admin, owner)

    mistyped.assertFlashMessage(
      'error',
      'That is not the address of this account: nothing was deleted.'
    )
    byAdmin.assertFlashMessage('error', 'Only an owner changes an owner.')
    assert.isNotNull(await User.find(member.id))
    assert.isNotNull(await User.find(owner.id))
    ;(await remove(client, admin, member)).assertHeader('location', '/settings/users')
  })

  test('leaves the own account, the last owner and whom a hold keeps as they are', async ({
    client,
    assert,
  }) => {
    const [owner, admin] = [await makeUser('owner'), await makeUser('admin')]
    const { person } = await observed(client)
    await hold(person)

    const own = await remove(client, admin, admin)
    const held = await remove(client, admin, person)
    const last = await deleteAccount('command', owner.id)

    own.assertFlashMessage('error', 'Somebody else has to do that to your own account.')
    held.assertFlashMessage(
      'error',
      'A hold keeps what was captured of this person: release it first.'
    )
    assert.equal(last.refusal, 'This is the last owner: make another one first.')
    for (const { id } of [owner, admin, person]) {
      assert.isFalse((await User.findOrFail(id)).isDisabled)
    }
    assert.lengthOf(await db.from('heartbeats'), 1)
    assert.lengthOf(await db.from('screenshots'), 1)
  })

  test('that was interrupted is finished when it is asked for again', async ({
    client,
    assert,
  }) => {
    await makeUser('owner')
    const { person, agent } = await observed(client)
    await person.merge({ disabledAt: Date.now() }).save()
    await agent.merge({ revokedAt: Date.now() }).save()
    await db.from('heartbeats').delete()

    const { deleted } = await deleteAccount('command', person.id)

    assert.deepEqual(deleted, { agents: 0, rows: 1, files: 1 })
    assert.isNull(await User.find(person.id))
  })

  test('two owners who delete or disable each other at once leave one', async ({ assert }) => {
    for (const act of [deleteAccount, disableAccount]) {
      const [one, other] = [await makeUser('owner'), await makeUser('owner')]
      const by = (user: User) => ({ user, address: '127.0.0.1' })

      await Promise.all([act(by(one), other.id), act(by(other), one.id)])

      const owners = await User.query().where('role', 'owner').whereNull('disabled_at')
      assert.lengthOf(owners, 1)
      await User.query().delete()
    }
  })
})
