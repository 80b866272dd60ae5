import Export from '#models/export'
import ExportJob from '#jobs/export_job'
import { expireExports, exportFile, makeExport } from '#services/exports'
import { failedJobs, queueState } from '#services/jobs/state'
import { erasePerson } from '#services/subject/erasure'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import { unzip } from '#tests/support/zip'
import ace from '@adonisjs/core/services/ace'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type User from '#models/user'

const ask = (client: ApiClient, by: User, form: Record<string, unknown>) =>
  client.post('/exports').loginAs(by).withCsrfToken().form(form).redirects(0)

/** Takes the file; its bytes are the body. */
function take(client: ApiClient, by: User, { id }: Export) {
  const request = client.get(`/exports/${id}/file`).loginAs(by)
  request.request.buffer(true).parse((answer, done) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
    answer.on('end', () => done(null, Buffer.concat(chunks)))
  })
  return request
}

/** A person with one heartbeat. */
async function observed(client: ApiClient) {
  const person = await makeUser('member')
  const { token } = await makeAgent(person)
  const sent = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
  sent.assertStatus(201)
  return person
}

test.group('An export that a job makes', (group) => {
  cleanDatabase(group)

  test('is asked for, made beside the requests, taken, and is what its manifest says', async ({
    client,
    assert,
  }) => {
    const person = await observed(client)

    const asked = await ask(client, person, { person_id: person.id })
    asked.assertStatus(302)
    const one = await Export.firstOrFail()
    assert.equal(one.state, 'waiting')
    assert.equal((await queueState()).waiting, 1)
    ;(await take(client, person, one)).assertStatus(404)
    await makeExport(one.id)

    const answer = await take(client, person, one)
    answer.assertStatus(200)
    const entries = unzip(answer.body())
    const manifest = entries.get('manifest.json') ?? Buffer.alloc(0)
    await one.refresh()
    assert.equal(one.manifestSha256, createHash('sha256').update(manifest).digest('hex'))
    assert.equal(one.bytes, answer.body().length)
    const [, beats] = [...entries].find(([path]) => path.endsWith('heartbeats.json')) ?? []
    assert.include(String(beats), 'Europe/Berlin')
  })

  test('is nobody else’s: not a manager’s, not the owner’s, not the person’s when the owner asked', async ({
    client,
    assert,
  }) => {
    const person = await observed(client)
    const [owner, manager] = [await makeUser('owner'), await makeUser('manager')]
    const purpose = 'request by letter'
    const refused = await ask(client, manager, { person_id: person.id, purpose })
    refused.assertStatus(404)
    await ask(client, owner, { person_id: person.id, purpose })
    const one = await Export.firstOrFail()
    await makeExport(one.id)

    const answers = [await take(client, person, one), await take(client, manager, one)]

    assert.deepEqual(
      answers.map((answer) => answer.status()),
      [404, 404]
    )
    ;(await take(client, owner, one)).assertStatus(200)
  })

  test('of another person needs a purpose, and the person reads it twice: asked for, and taken', async ({
    client,
    assert,
  }) => {
    const person = await observed(client)
    const owner = await makeUser('owner')
    await ask(client, owner, { person_id: person.id })
    assert.isNull(await Export.first())

    await ask(client, owner, { person_id: person.id, purpose: 'request by letter' })
    const one = await Export.firstOrFail()
    await makeExport(one.id)
    await take(client, owner, one)

    const looks = await db.from('audit_log').where('person_id', person.id).orderBy('id')
    assert.deepEqual(
      looks.map(({ action, purpose }) => [action, purpose]),
      [
        ['export', 'request by letter'],
        ['export_download', 'request by letter'],
      ]
    )
    const page = await client.get('/me/access').loginAs(person)
    page.assertTextIncludes('request by letter')
    const list = await client.get('/exports').loginAs(person)
    list.assertTextIncludes('request by letter')
  })

  test('goes with its file when a day is over, and when the person is erased', async ({
    client,
    assert,
  }) => {
    const person = await observed(client)
    const files: string[] = []
    for (const end of [
      () => expireExports(Date.now() + 25 * 3_600_000),
      () => erasePerson(person, 1),
    ]) {
      await ask(client, person, { person_id: person.id })
      const one = await Export.firstOrFail()
      await makeExport(one.id)
      files.push(exportFile(one))
      assert.isTrue(existsSync(exportFile(one)))
      await end()
      assert.isNull(await Export.first())
    }
    assert.isFalse(files.some((file) => existsSync(file)))
  })

  test('that was killed in the middle is made again, once', async ({ client, assert }) => {
    const person = await observed(client)
    await ask(client, person, { person_id: person.id })
    const one = await Export.firstOrFail()
    await assert.rejects(() => makeExport(one.id, AbortSignal.abort()))
    ;(await take(client, person, one)).assertStatus(404)

    await makeExport(one.id)
    await makeExport(one.id)
    ;(await take(client, person, one)).assertStatus(200)
    assert.isFalse(existsSync(`${exportFile(one)}.unfinished`))
  })

  test('that failed for good says why, is listed, and can be tried again', async ({
    client,
    assert,
  }) => {
    ace.ui.switchMode('raw')
    const person = await observed(client)
    await ask(client, person, { person_id: person.id })
    const one = await Export.firstOrFail()
    const job = new ExportJob()
    job.$hydrate(
      { id: one.id },
      {
        ...{ jobId: 'a', name: 'export', attempt: 6, queue: 'default', priority: 5 },
        ...{ acquiredAt: new Date(), stalledCount: 0 },
      }
    )
    await job.failed(new Error('no room on the disk'))

    const page = await client.get('/exports').loginAs(person)
    page.assertTextIncludes('no room on the disk')
    assert.equal((await ace.exec('queue:failed', [])).exitCode, 7)
    const [listed] = await failedJobs()
    assert.include(listed, { name: 'export', attempts: 6, error: 'no room on the disk' })
    assert.equal((await ace.exec('queue:failed', ['--forget'])).exitCode, 0)
    assert.lengthOf(await failedJobs(), 0)
    const again = await client
      .post(`/exports/${one.id}/retry`)
      .loginAs(person)
      .withCsrfToken()
      .redirects(0)
    again.assertStatus(302)
    assert.equal((await Export.firstOrFail()).state, 'waiting')
    ace.ui.switchMode('normal')
  })
})
