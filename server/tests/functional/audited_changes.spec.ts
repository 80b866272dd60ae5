import SubjectRequest from '#models/subject_request'
import { verifyAudit } from '#services/audit'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser, tokenOf } from '#tests/support/people'
import ace from '@adonisjs/core/services/ace'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const actions = async () => (await db.from('audit_log').orderBy('id')).map(({ action }) => action)

test.group('Every change by somebody who governs is a line of the log', (group) => {
  cleanDatabase(group)

  test('through the API: by whom, from where, what was and what is', async ({ assert, client }) => {
    const owner = await makeUser('owner')
    const manager = await makeUser('manager')
    const bearer = await tokenOf(owner)
    const api = async (
      method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
      path: string,
      body = {}
    ) => {
      const answer = await client.request(`/api/${path}`, method).bearerToken(bearer).json(body)
      assert.isBelow(answer.status(), 300, `${method} ${path}: ${answer.text()}`)
      return answer.body() as { id: number }
    }

    const code = await api('POST', 'enrolment-codes', { site: 'default' })
    await api('DELETE', `enrolment-codes/${code.id}`)
    await api('DELETE', `enrolment-codes/${code.id}`)
    const team = await api('POST', 'teams', { name: 'North', manager_ids: [manager.id] })
    await api('PATCH', `teams/${team.id}`, { name: 'South' })
    await api('DELETE', `teams/${team.id}`)
    const token = await api('POST', 'tokens', { name: 'reports', abilities: ['read'] })
    await api('DELETE', `tokens/${token.id}`)
    await api('POST', 'agents', { name: 'kiosk', site: 'default' })
    const category = await api('POST', 'categories', { name: 'Work', value: 'productive' })
    const rule = await api('POST', `categories/${category.id}/rules`, { app: 'code' })
    await api('DELETE', `categories/rules/${rule.id}`)
    await api('DELETE', `categories/${category.id}`)

    assert.deepEqual(await actions(), [
      ...['code.create', 'code.revoke', 'team.create', 'team.update', 'team.delete'],
      ...['token.create', 'token.revoke', 'agent.create'],
      ...['category.create', 'rule.create', 'rule.delete', 'category.delete'],
    ])
    const rows = await db.from('audit_log')
    assert.isTrue(rows.every((row) => Number(row.actor_id) === owner.id && row.address))
    const renamed = rows.find(({ action }) => action === 'team.update')
    assert.deepEqual(JSON.parse(renamed.details), {
      before: { name: 'North' },
      after: { name: 'South' },
    })
    assert.notMatch(JSON.stringify(rows), /ws[aeu]_/)
    assert.deepInclude(await verifyAudit(), { status: 'verified', last: rows.length })
  })

  test('on pages and by commands', async ({ assert, client }) => {
    const owner = await makeUser('owner')
    const person = await makeUser('member')
    const post = (path: string, form: object = {}) =>
      client.post(path).loginAs(owner).withCsrfToken().form(form).redirects(0)
    const asked = await SubjectRequest.create({
      ...{ personId: person.id, kind: 'correction', state: 'open', note: 'my name' },
      ...{ askedAt: Date.now(), dueAt: Date.now() + 1000 },
    })

    await post('/categories', { name: 'Work', value: 'productive' })
    await post('/categories/recategorisation')
    await post('/agents/codes', { site: 'default' })
    await post(`/requests/${asked.id}`, { decision: 'refuse', answer: 'it is right' })
    ace.ui.switchMode('raw')
    await ace.exec('retention:hold', [`--person=${person.email}`, '--reason=a court'])
    await ace.exec('retention:hold', [`--person=${person.email}`, '--release'])
    ace.ui.switchMode('normal')

    assert.deepEqual(await actions(), [
      ...['category.create', 'category.recategorise', 'code.create', 'request.correction'],
      ...['hold.create', 'hold.release'],
    ])
    const rows = await db.from('audit_log').orderBy('id')
    assert.deepEqual(
      rows.map(({ actor }) => actor),
      ['user', 'user', 'user', 'user', 'command', 'command']
    )
    assert.equal(Number(rows[3].person_id), person.id)
  })
})
