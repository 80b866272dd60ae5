import env from '#start/env'
import type Export from '#models/export'
import { askForExport, makeExport } from '#services/exports'
import { givePurpose } from '#services/purpose'
import { rebuildRollups } from '#services/rollups/rebuild'
import { putPresence } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { describeSegment, VIDEO } from '#tests/support/videos'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient, ApiRequest } from '@japa/api-client'
import { test } from '@japa/runner'
import Sqlite from 'better-sqlite3'
import { createConnection } from 'mysql2/promise'

/** A client that waits longer than this was left hanging. */
const SECONDS = 10_000
const DAY = '2026-11-19'
const AT = Date.parse(`${DAY}T09:00:00Z`)

/** Ways in which somebody else holds the log; each gives what lets go of it. */
const LOCKS: Readonly<
  Record<string, Readonly<Record<string, () => Promise<() => Promise<void>>>>>
> = {
  sqlite: {
    'a transaction of another process': async () => {
      const other = new Sqlite(app.makePath(env.get('SQLITE_FILE') ?? ''))
      other.exec('begin immediate')
      return async () => {
        other.exec('rollback')
        other.close()
      }
    },
  },
  mysql: {
    'LOCK TABLES': () => heldBy('lock tables audit_log write'),
    'a row lock on its end': () => heldBy('select * from audit_head where id = 1 for update'),
  },
}

async function heldBy(statement: string) {
  const other = await createConnection({
    host: env.get('DB_HOST') ?? '',
    port: env.get('DB_PORT') ?? 3306,
    user: env.get('DB_USER') ?? '',
    password: env.get('DB_PASSWORD') ?? '',
    database: env.get('DB_DATABASE') ?? '',
  })
  await other.query('set autocommit = 0')
  await other.query(statement)
  return () => other.end()
}

/** A request whose answer is kept as bytes, whatever it is. */
function whole(request: ApiRequest) {
  request.request.buffer(true).parse((answer, done) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
    answer.on('end', () => done(null, Buffer.concat(chunks)))
  })
  return request
}

/** What a body says, bytes as they are. */
function textOf(body: unknown): string {
  return Buffer.isBuffer(body) ? body.toString('latin1') : JSON.stringify(body)
}

/** Does it the first time alone. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null
  return () => (done ??= work())
}

/** An owner, somebody else with a day, a picture and a segment, and an export: everything there is to look at. */
async function world(client: ApiClient) {
  const owner = await makeUser('owner')
  const person = await makeUser('member', 'North')
  const { agent, token } = await makeAgent(person)
  const bytes = await picture()
  const screenshot = describe(1, bytes, { captured_at: new Date(AT).toISOString() })
  const segment = describeSegment(2, VIDEO, { captured_at: new Date(AT).toISOString() })
  for (const [path, observation, file] of [
    ['/api/screenshots', screenshot, bytes],
    ['/api/recordings', segment, VIDEO],
  ] as const) {
    const sent = await client
      .post(path)
      .bearerToken(token)
      .field('observation', JSON.stringify(observation))
      .file('file', file, { filename: 'file' })
    sent.assertStatus(201)
  }
  await putPresence(agent, 'active', AT, AT + 3_600_000)
  await rebuildRollups()
  await givePurpose(owner, person.id, 'a test')
  const made: Export = await askForExport(owner, person, 'a test', '127.0.0.1')
  await makeExport(made.id)
  const { id: session } = await db.from('work_sessions').firstOrFail()

  const page = (path: string) => () => whole(client.get(path).loginAs(owner).redirects(0))
  const bearer = await tokenOf(owner)
  const api = (path: string) => () => client.get(path).bearerToken(bearer)
  await api('/api/agents')() // the token is in use, so that nothing of it has to be written
  const people = `person=${person.id}`
  return {
    'a picture': page(`/media/screenshots/${screenshot.id}`),
    'a thumbnail': page(`/media/screenshots/${screenshot.id}/thumb`),
    'a segment': page(`/media/recordings/${segment.id}`),
    'a range of a segment': () =>
      page(`/media/recordings/${segment.id}`)().header('range', 'bytes=0-99'),
    'the page of a day': page(`/people/${person.id}/days/${DAY}`),
    'the table of a day': page(`/people/${person.id}/days/${DAY}/table.csv`),
    'the page of a person': page(`/people/${person.id}`),
    'the trends of a person': page(`/reports/trends?${people}&from=${DAY}&to=${DAY}`),
    'the table of trends': page(`/reports/trends/table.csv?${people}&from=${DAY}&to=${DAY}`),
    'an export': page(`/exports/${made.id}/file`),
    'a picture of the API': api(`/api/screenshots/${screenshot.id}/image`),
    'a thumbnail of the API': api(`/api/screenshots/${screenshot.id}/thumbnail`),
    'a segment of the API': api(`/api/recordings/${segment.id}/video`),
    'the list of sessions of the API': api(`/api/sessions?${people}`),
    'a session of the API': api(`/api/sessions/${session}`),
    'the list of activities of the API': api(`/api/activities?${people}`),
    'figures of the API': api(`/api/stats/daily?${people}&from=${DAY}&to=${DAY}`),
  }
}

test.group('While the log is locked', (group) => {
  cleanDatabase(group)
  const engine = env.get('DB_CONNECTION')

  for (const [lock, hold] of Object.entries(LOCKS[engine] ?? {})) {
    test(`by ${lock}, no kind of look gets a byte: 503 within seconds, and as ever when it is free`, async ({
      assert,
      cleanup,
      client,
    }) => {
      const looks = Object.entries(await world(client))
      const free = once(await hold())
      cleanup(free)

      const refused = await Promise.all(
        looks.map(async ([what, look]) => {
          const answer = await look().timeout(SECONDS)
          return {
            what,
            status: answer.status(),
            type: String(answer.header('content-type')),
            text: textOf(answer.body()),
          }
        })
      )
      await free()
      const before = Number((await db.from('audit_log').count('* as count').first())?.count)
      const after = []
      for (const [what, look] of looks) {
        after.push([what, Math.floor((await look()).status() / 100)])
      }

      assert.deepEqual(
        refused.map(({ what, status }) => [what, status]),
        looks.map(([what]) => [what, 503])
      )
      for (const { what, type, text } of refused) {
        assert.match(type, /^(text\/html|application\/json)/, what)
        assert.notInclude(text, 'member number', what)
      }
      assert.deepEqual(
        after,
        looks.map(([what]) => [what, 2])
      )
      const lines = Number((await db.from('audit_log').count('* as count').first())?.count)
      assert.equal(lines - before, looks.length - 1, 'all but the range, which is of a look before')
    }).timeout(60_000)
  }
})
