import type { Receipt } from '#services/subject/erasure'
import { verifyReceipt } from '#services/subject/erasure'
import SubjectRequest from '#models/subject_request'
import type User from '#models/user'
import { media } from '#services/media'
import { verifyAudit } from '#services/audit'
import { missingRanges } from '#services/gap_report'
import { exportPerson } from '#services/subject/export'
import { receiptOf } from '#services/subject/requests'
import { PERSONAL_TABLES } from '#services/subject/tables'
import { putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { describe, gap, heartbeat, picture } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import { unzip } from '#tests/support/zip'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'

const CANARY = 'canary-3f9c1e77'

/** Tables that name a person or a computer and are not about what somebody did. */
const NOT_ABOUT: readonly string[] = [
  'agent_access_tokens',
  'agent_changes',
  'enrolment_codes',
  'policies',
  'policy_versions',
  'recovery_codes',
  'sessions',
  'sign_in_links',
  'team_managers',
  'user_access_tokens',
]

/** Sends a heartbeat, a window, a gap and a picture; the words of the first three are a canary. */
async function observe(client: ApiClient, token: string) {
  const bytes = await picture()
  const shot = describe(4, bytes, { source: CANARY })
  const { id, captured_at: at, utc_offset_minutes: offset } = heartbeat(2)
  const window = {
    ...{ id, seq: 2, captured_at: at, utc_offset_minutes: offset, policy_version: 0 },
    ...{ kind: 'window', duration_ms: 1000, pulsetime_ms: 5000, app: CANARY },
    ...{ title: `{"secret": "${CANARY}"}`, domain: null, pid: null },
  }
  const { system, ...rest } = heartbeat(1)
  const beat = { ...rest, system: { ...system, host: CANARY } }
  const batch = await client
    .post('/api/observations')
    .bearerToken(token)
    .json({ observations: [beat, window, gap(3)] })
  batch.assertStatus(200)
  const sent = await client
    .post('/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(shot))
    .file('file', bytes, { filename: 'a.webp', contentType: 'image/webp' })
  sent.assertStatus(201)
  return { shot, bytes }
}

async function exported(person: User) {
  const { zip, manifest } = await exportPerson(person)
  const files = unzip(await buffer(zip))
  return { files, ...(await manifest) }
}

/** Files under a folder that hold the canary. */
function filesWith(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(CANARY))
}

const ask = (client: ApiClient, person: User, form: object) =>
  client.post('/me/data/requests').form(form).loginAs(person).withCsrfToken().redirects(0)

const decide = (client: ApiClient, by: User, id: number, form: object) =>
  client.post(`/requests/${id}`).form(form).loginAs(by).withCsrfToken().redirects(0)

test.group('Data of a person', (group) => {
  cleanDatabase(group)

  test('every table that names a person or a computer is classified', async ({ assert }) => {
    const known = new Set([...NOT_ABOUT, ...PERSONAL_TABLES.map(({ table }) => table)])
    const tables = await db.connection().getAllTables()
    const unknown = []
    for (const table of tables) {
      const columns = Object.keys(await db.connection().columnsInfo(table))
      if (['person_id', 'agent_id', 'user_id'].some((name) => columns.includes(name))) {
        unknown.push(...(known.has(table) ? [] : [table]))
      }
    }

    assert.deepEqual(unknown, [])
  })

  test('is exported whole: every table, every file, each with its SHA-256', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const { token } = await makeAgent(dana)
    const other = await makeAgent(await makeUser('member'))
    const { shot, bytes } = await observe(client, token)
    await client.post('/api/heartbeats').bearerToken(other.token).json(heartbeat(1))

    const { files, manifest, sha256 } = await exported(dana)

    const read = (path: string) => JSON.parse(files.get(path)?.toString() ?? 'null')
    assert.lengthOf(read('data/heartbeats.json'), 1)
    assert.equal(read('data/heartbeats.json')[0].body.system.host, CANARY)
    assert.equal(read('data/activities.json')[0].title, `{"secret": "${CANARY}"}`)
    assert.deepEqual(files.get(`media/screenshots/${shot.id}.webp`), bytes)
    assert.notInclude(files.get('data/agents.json')?.toString(), token)
    assert.equal(read('data/users.json')[0].email, dana.email)
    assert.notProperty(read('data/users.json')[0], 'password')
    assert.deepEqual(
      [...files.keys()].filter((path) => path !== 'manifest.json').sort(),
      manifest.files.map(({ path }) => path).sort()
    )
    for (const { path, sha256: digest, bytes: length } of manifest.files) {
      const data = files.get(path) ?? Buffer.alloc(0)
      assert.equal(createHash('sha256').update(data).digest('hex'), digest)
      assert.equal(data.length, length)
    }
    const text = files.get('manifest.json') ?? ''
    assert.equal(createHash('sha256').update(text).digest('hex'), sha256)
    assert.deepEqual(manifest.missing, [])
  })

  test('an export says which file is missing, and is whole otherwise', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const { token } = await makeAgent(dana)
    const { shot } = await observe(client, token)
    const row = await db.from('screenshots').select('media_key').firstOrFail()
    await media.remove(row.media_key)

    const { manifest } = await exported(dana)

    assert.deepEqual(manifest.missing, [`screenshots/${shot.id}`])
  })

  test('is downloaded by the person, who sees that they did', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const { token } = await makeAgent(dana)
    await observe(client, token)

    const answer = await client.post('/me/data/export').loginAs(dana).withCsrfToken()

    answer.assertStatus(200)
    assert.equal(answer.header('content-type'), 'application/zip')
    const page = await client.get('/me/data').loginAs(dana)
    page.assertTextIncludes('Manifest ')
    const [request] = await SubjectRequest.all()
    assert.containSubset(request?.$attributes, { kind: 'export', state: 'done' })
    const looks = await db.from('audit_log').where('kind', 'look')
    assert.containSubset(looks, [{ action: 'export', actor_id: dana.id, person_id: dana.id }])
    assert.lengthOf(looks, 1)
    const access = await client.get('/me/access').loginAs(dana)
    access.assertTextIncludes('Everything about you, as an export')
  })

  test('leaves only once the log says so', async ({ client, assert }) => {
    const dana = await makeUser('member')
    await makeAgent(dana)
    const away = 'audit_log_away'
    await db.connection().schema.renameTable('audit_log', away)

    const answer = await client
      .post('/me/data/export')
      .loginAs(dana)
      .withCsrfToken()
      .finally(() => db.connection().schema.renameTable(away, 'audit_log'))

    assert.isAtLeast(answer.status(), 500)
    assert.notEqual(answer.header('content-type'), 'application/zip')
  })

  test('a correction and an erasure wait for somebody else, within a month', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    await ask(client, owner, { kind: 'correction', note: 'My name is Dana' })
    await ask(client, owner, { kind: 'erasure' })
    await ask(client, owner, { kind: 'erasure' })

    const requests = await SubjectRequest.query().orderBy('id')
    assert.deepEqual(
      requests.map(({ kind, state }) => [kind, state]),
      [
        ['correction', 'open'],
        ['erasure', 'open'],
      ]
    )
    assert.isAtMost((requests[0]?.dueAt ?? 0) - Date.now(), 31 * 86_400_000)

    await decide(client, owner, requests[1]?.id ?? 0, { decision: 'approve' })
    assert.equal((await SubjectRequest.findOrFail(requests[1]?.id)).state, 'open')
  })

  test('only those who answer for it decide', async ({ client, assert }) => {
    const dana = await makeUser('member')
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()

    for (const role of ['member', 'manager', 'auditor'] as const) {
      const somebody = await makeUser(role)
      const page = await client.get('/requests').loginAs(somebody)
      page.assertStatus(404)
      const answer = await decide(client, somebody, request.id, { decision: 'approve' })
      answer.assertStatus(404)
    }
    await request.refresh()
    assert.equal(request.state, 'open')
  })

  test('a refusal keeps everything and tells the person why', async ({ client, assert }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const { token } = await makeAgent(dana)
    await observe(client, token)
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()

    await decide(client, owner, request.id, { decision: 'refuse', answer: 'A court asked for it' })

    const page = await client.get('/me/data').loginAs(dana)
    page.assertTextIncludes('A court asked for it')
    assert.lengthOf(await db.from('screenshots'), 1)
  })

  test('nothing is refused without a word of why, and what is decided stays decided', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    await ask(client, dana, { kind: 'correction', note: 'I was in a meeting' })
    const request = await SubjectRequest.firstOrFail()

    await decide(client, owner, request.id, { decision: 'refuse', answer: '  ' })
    assert.equal((await request.refresh()).state, 'open')

    await decide(client, owner, request.id, { decision: 'approve', answer: 'Corrected on Monday' })
    await decide(client, owner, request.id, { decision: 'refuse', answer: 'No' })
    await request.refresh()
    assert.containSubset(request.$attributes, { state: 'done', answer: 'Corrected on Monday' })
    const page = await client.get('/me/data').loginAs(dana)
    page.assertTextIncludes('I was in a meeting')
    page.assertTextIncludes('Corrected on Monday')
    page.assertTextIncludes(owner.fullName)
  })

  test('its clock is on both pages, and says when it ran out', async ({ client, assert }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()
    const clocks = async () => {
      const own = await client.get('/me/data').loginAs(dana)
      const theirs = await client.get('/requests').loginAs(owner)
      return [own.text().includes('(late)'), theirs.text().includes('>Late<')]
    }

    assert.deepEqual(await clocks(), [false, false])
    await request.merge({ dueAt: Date.now() - 1 }).save()

    assert.deepEqual(await clocks(), [true, true])
  })

  test('who asked, who decided and what went stand in the log that is sealed', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const { token } = await makeAgent(dana)
    await observe(client, token)
    await ask(client, dana, { kind: 'erasure', note: CANARY })
    const request = await SubjectRequest.firstOrFail()
    await decide(client, owner, request.id, { decision: 'approve' })

    const { seal, files } = receiptOf(await request.refresh()) as Receipt
    const lines = await db.from('audit_log').where('kind', 'change').orderBy('id')
    assert.deepEqual(
      lines.map(({ action, actor_id: by, person_id: about }) => [action, by, about]),
      [
        ['request.ask', dana.id, dana.id],
        ['request.erasure', owner.id, dana.id],
        ['request.erased', owner.id, dana.id],
      ]
    )
    assert.deepEqual(JSON.parse(lines[1].details), {
      before: { state: 'open' },
      after: { state: 'approved' },
    })
    assert.containSubset(JSON.parse(lines[2].details), { after: { seal, files } })
    assert.notInclude(JSON.stringify(lines), CANARY)
    assert.equal((await verifyAudit()).status, 'verified')
  })

  test('one that was interrupted is finished by approving it again, and refused by nobody', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const { agent, token } = await makeAgent(dana)
    await observe(client, token)
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()
    await request.merge({ state: 'approved', decidedBy: owner.id }).save()
    await db.from('heartbeats').where('agent_id', agent.id).delete()

    await decide(client, owner, request.id, { decision: 'refuse', answer: 'I changed my mind' })
    assert.equal((await request.refresh()).state, 'approved')
    await decide(client, owner, request.id, { decision: 'approve' })

    assert.equal((await request.refresh()).state, 'done')
    assert.lengthOf(await db.from('activities').where('agent_id', agent.id), 0)
    assert.deepEqual(await verifyReceipt(receiptOf(request) as Receipt), [])
  })

  test('what a hold keeps stays with its file, and the receipt, the page and the answer say so', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const { agent, token } = await makeAgent(dana)
    await observe(client, token)
    const [kept] = await db.from('screenshots').select('id', 'captured_at', 'media_key')
    const at = Number(kept.captured_at)
    await putScreenshot(agent, at - 86_400_000)
    await db.table('retention_holds').insert({
      ...{ person_id: dana.id, from: at - 1, until: at, reason: 'Case 7 of the court' },
      created_at: Date.now(),
    })
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()

    const answer = await decide(client, owner, request.id, { decision: 'approve' })

    const receipt = receiptOf(await request.refresh()) as Receipt
    assert.deepEqual(await db.from('screenshots').select('id', 'captured_at', 'media_key'), [kept])
    assert.isTrue(existsSync(media.path(kept.media_key)))
    assert.equal(receipt.rows.screenshots, 1)
    assert.deepEqual(receipt.held, [
      {
        from: new Date(at - 1).toISOString(),
        until: new Date(at).toISOString(),
        reason: 'Case 7 of the court',
        rows: 4,
      },
    ])
    assert.deepEqual(answer.flashMessages(), {
      success: 'Approved, and done, but for what a hold keeps; the receipt says what, and why',
    })
    const page = await client.get('/me/data').loginAs(dana)
    page.assertTextIncludes('Kept on hold: 4 that were captured')
    assert.deepEqual(await verifyReceipt(receipt), [])
    await putScreenshot(agent, at - 86_400_000)
    assert.deepEqual(await verifyReceipt(receipt), [
      '1 rows of screenshots from before the erasure are here',
    ])
  })

  test('one that another process has is not carried out twice, until that one says nothing any more', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const { token } = await makeAgent(dana)
    await observe(client, token)
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()
    const claim = (until: number) =>
      db
        .from('subject_requests')
        .where('id', request.id)
        .update({ state: 'approved', claim: 'of another process', claimed_until: until })

    await claim(Date.now() + 10_000)
    await decide(client, owner, request.id, { decision: 'approve' })
    assert.equal((await request.refresh()).state, 'approved')
    assert.lengthOf(await db.from('screenshots'), 1)

    await claim(Date.now() - 1)
    await decide(client, owner, request.id, { decision: 'approve' })
    assert.equal((await request.refresh()).state, 'done')
    assert.lengthOf(await db.from('screenshots'), 0)
  })

  test('two who approve at once make one receipt, of everything', async ({ client, assert }) => {
    const [dana, owner, admin] = [
      await makeUser('member'),
      await makeUser('owner'),
      await makeUser('admin'),
    ]
    const { token } = await makeAgent(dana)
    await observe(client, token)
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()

    await Promise.all(
      [owner, admin, owner].map((by) => decide(client, by, request.id, { decision: 'approve' }))
    )

    const receipt = receiptOf(await request.refresh()) as Receipt
    assert.containSubset(receipt, { files: 1, rows: { heartbeats: 1, activities: 1 } })
    assert.lengthOf(await db.from('audit_log').where('action', 'request.erased'), 1)
  })

  test('an approved erasure leaves 0 rows, 0 files and no trace on the disk, and a receipt', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const [own, other] = [await makeAgent(dana), await makeAgent(await makeUser('member'))]
    await observe(client, own.token)
    await client.post('/api/heartbeats').bearerToken(other.token).json(heartbeat(1))
    const { media_key: key } = await db.from('screenshots').select('media_key').firstOrFail()
    await media.thumbnail(key)
    const folder = app.makePath(`tmp/test-${process.pid}`)
    const isSqlite = db.connection().dialect.name === 'better-sqlite3'
    assert.isTrue(!isSqlite || filesWith(folder).length > 0)
    await ask(client, dana, { kind: 'erasure', note: 'I leave' })
    const request = await SubjectRequest.firstOrFail()

    await decide(client, owner, request.id, { decision: 'approve' })

    await request.refresh()
    const receipt = receiptOf(request) as Receipt
    assert.equal(request.state, 'done')
    for (const { table, by, erasure } of PERSONAL_TABLES) {
      if (erasure === 'removed') {
        assert.equal(by, 'agent')
        assert.lengthOf(await db.from(table).where('agent_id', own.agent.id), 0, table)
      }
    }
    assert.lengthOf(await db.from('heartbeats').where('agent_id', other.agent.id), 1)
    assert.isFalse(existsSync(media.path(key)))
    assert.deepEqual(filesWith(join(folder, 'media')), [])
    if (isSqlite) {
      assert.deepEqual(filesWith(folder), [])
    }
    assert.containSubset(receipt, {
      person: dana.id,
      agents: [own.agent.id],
      files: 1,
      rows: { heartbeats: 1, activities: 1, screenshots: 1, gaps: 1 },
    })
    assert.deepEqual(await verifyReceipt(receipt), [])
    assert.deepEqual(await missingRanges(own.agent.id), [])
  })

  test('a receipt that was changed, or whose rows are back, does not verify', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const { token } = await makeAgent(dana)
    await observe(client, token)
    await ask(client, dana, { kind: 'erasure' })
    const request = await SubjectRequest.firstOrFail()
    await decide(client, owner, request.id, { decision: 'approve' })
    await request.refresh()
    const receipt = receiptOf(request) as Receipt

    assert.lengthOf(await verifyReceipt({ ...receipt, files: 0 }), 1)
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(9))
    assert.lengthOf(await verifyReceipt(receipt), 1)
  })

  test('the computer goes on: what it observes afterwards is stored', async ({
    client,
    assert,
  }) => {
    const [dana, owner] = [await makeUser('member'), await makeUser('owner')]
    const { agent, token } = await makeAgent(dana)
    await observe(client, token)
    await ask(client, dana, { kind: 'erasure' })
    await decide(client, owner, (await SubjectRequest.firstOrFail()).id, { decision: 'approve' })

    const later = { captured_at: new Date(Date.now() + 60_000).toISOString() }
    const answer = await client
      .post('/api/heartbeats')
      .bearerToken(token)
      .json({ ...heartbeat(6), ...later })

    answer.assertStatus(201)
    assert.deepEqual(await missingRanges(agent.id), [{ from: 5, to: 5 }])
  })
})
