import EnrolmentCode from '#models/enrolment_code'
import type User from '#models/user'
import { verifyAudit } from '#services/audit'
import { openRequest, pollRequest, refuseRequest } from '#services/enrolment_requests'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import limiter from '@adonisjs/limiter/services/main'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import type { ApiClient } from '@japa/api-client'

const MACHINE = { host: 'dana-laptop', platform: 'darwin', agent_version: '0.1.0' }

const open = (changes = {}) => openRequest({ ...MACHINE, ...changes }, '192.0.2.1')

const look = (client: ApiClient, by: User, code: string) =>
  client.get(`/enrol/${code}`).loginAs(by).redirects(0)

const send = (client: ApiClient, by: User, path: string, form: object = {}) =>
  client
    .post(`/enrol/${path}`)
    .header('referer', `/enrol/${path}`)
    .form(form)
    .loginAs(by)
    .withCsrfToken()
    .redirects(0)

test.group('The page of a code that a computer shows', (group) => {
  cleanDatabase(group)
  group.each.setup(() => limiter.clear())

  test('shows what to compare: code, host, system, address, and whose it may be', async ({
    client,
    assert,
  }) => {
    const admin = await makeUser('admin')
    const { request } = await open({ host: '<b>laptop</b>', name: 'desk 4' })

    const page = await look(client, admin, request.shownCode.toLowerCase().replace('-', ''))

    page.assertStatus(200)
    page.assertTextIncludes(request.shownCode)
    page.assertTextIncludes('&lt;b&gt;laptop&lt;/b&gt;')
    page.assertTextIncludes('Confirm</button>')
    page.assertTextIncludes('macOS')
    page.assertTextIncludes('192.0.2.1')
    page.assertTextIncludes('desk 4')
    page.assertTextIncludes(`${admin.fullName} (${admin.email})`)
    assert.notInclude(page.text(), request.hash)
  })

  test('is found by the code as it was typed', async ({ client }) => {
    const admin = await makeUser('admin')
    const { request } = await open()

    const form = await client.get('/enrol').loginAs(admin)
    const typed = await client
      .get('/enrol')
      .qs({ code: ` ${request.shownCode} ` })
      .loginAs(admin)
      .redirects(0)

    form.assertStatus(200)
    typed.assertStatus(302)
    typed.assertHeader('location', `/enrol/${request.shownCode}`)
  })

  test('confirms for a person: the computer is theirs, and the log says who let it in', async ({
    client,
    assert,
  }) => {
    const admin = await makeUser('admin')
    const dana = await makeUser('member')
    const { deviceCode, request } = await open()

    const sent = await send(client, admin, request.shownCode, { person_id: dana.id })
    const waiting = await look(client, admin, request.shownCode)
    const polled = await pollRequest({ device_code: deviceCode })
    const used = await look(client, admin, request.shownCode)

    sent.assertHeader('location', `/enrol/${request.shownCode}`)
    waiting.assertTextIncludes('It is confirmed')
    waiting.assertTextIncludes('Waiting for the computer')
    assert.equal(polled.status, 'enrolled')
    used.assertTextIncludes('The code is used')
    used.assertTextIncludes('dana-laptop</a>')
    const code = await EnrolmentCode.firstOrFail()
    assert.containSubset(code.$attributes, { personId: dana.id, createdBy: admin.id, uses: 1 })
    const entry = await db.from('audit_log').where('action', 'code.confirm').firstOrFail()
    assert.equal(Number(entry.actor_id), admin.id)
    assert.equal(Number(entry.person_id), dana.id)
    assert.include(entry.details, 'dana-laptop')
    assert.equal((await verifyAudit()).status, 'verified')
  })

  test('refuses, and says so to who looks again', async ({ client, assert }) => {
    const admin = await makeUser('admin')
    const { deviceCode, request } = await open()

    await send(client, admin, `${request.shownCode}/refusal`)
    const again = await send(client, admin, request.shownCode)
    const page = await look(client, admin, request.shownCode)

    again.assertFlashMessage('error', 'This request was answered before, or is over.')
    page.assertTextIncludes('It was refused')
    await assert.rejects(() => pollRequest({ device_code: deviceCode }), /refused it/)
    assert.lengthOf(await EnrolmentCode.all(), 0)
    assert.lengthOf(await db.from('audit_log').where('action', 'code.refuse'), 1)
  })

  test('a person {what} is not taken, and nothing is confirmed')
    .with([
      { what: 'who is not there', person: async () => 999_999 },
      {
        what: 'who is disabled',
        person: async () => {
          const gone = await makeUser('member')
          await gone.merge({ disabledAt: Date.now() }).save()
          return gone.id
        },
      },
    ])
    .run(async ({ client, assert }, { person }) => {
      const admin = await makeUser('admin')
      const { request } = await open()

      const sent = await client
        .post(`/enrol/${request.shownCode}`)
        .form({ person_id: await person() })
        .loginAs(admin)
        .withCsrfToken()
        .redirects(0)

      sent.assertStatus(422)
      await request.refresh()
      assert.equal(request.state, 'open')
      assert.lengthOf(await EnrolmentCode.all(), 0)
    })

  test('somebody else than the computer asks for is not taken', async ({ client, assert }) => {
    const admin = await makeUser('admin')
    const dana = await makeUser('member')
    const { request } = await open({ person: dana.email })

    const sent = await send(client, admin, request.shownCode, { person_id: admin.id })

    sent.assertFlashMessage(
      'error',
      'The computer asks for somebody else than you picked. Nothing was confirmed.'
    )
    await request.refresh()
    assert.equal(request.state, 'open')
  })

  test('says of a code that is unknown or over that there is none', async ({ client }) => {
    const admin = await makeUser('admin')
    const { request } = await open()
    await request.merge({ expiresAt: Date.now() - 1 }).save()

    for (const code of [request.shownCode, 'BBBB-BBBB', 'x', '%20']) {
      const page = await look(client, admin, code)
      page.assertStatus(404)
      page.assertTextIncludes('No computer waits with this code')
    }
    const sent = await send(client, admin, 'BBBB-BBBB')
    sent.assertStatus(404)
  })

  test('who tried ten codes that are none waits, also with one that is', async ({ client }) => {
    const admin = await makeUser('admin')
    const { request } = await open()
    for (let time = 0; time < 10; time += 1) {
      await look(client, admin, 'BBBB-BBBB')
    }

    const page = await look(client, admin, request.shownCode)
    const sent = await send(client, admin, request.shownCode)
    const other = await look(client, await makeUser('owner'), request.shownCode)

    page.assertStatus(429)
    sent.assertStatus(429)
    other.assertStatus(429)
  })

  test('looks at pages of codes that are there are no guesses', async ({ client }) => {
    const admin = await makeUser('admin')
    const { request } = await open()
    await refuseRequest(request, { user: admin, address: '192.0.2.9' })

    for (let time = 0; time < 12; time += 1) {
      const page = await look(client, admin, request.shownCode)
      page.assertStatus(200)
    }
  })
})
