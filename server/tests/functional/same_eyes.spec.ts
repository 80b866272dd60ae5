import type Agent from '#models/agent'
import type User from '#models/user'
import { givePurpose } from '#services/purpose'
import { settleRollups } from '#services/rollups/settle'
import { markEverything } from '#services/rollups/rebuild'
import {
  putGap,
  putPresence,
  putRecording,
  putScreenshot,
  putWindow,
} from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import fc from 'fast-check'

const MINUTE = 60_000
const FIRST = Date.parse('2026-10-23T00:00:00Z')
const DAYS = ['2026-10-23', '2026-10-24', '2026-10-25', '2026-10-26']

const event = fc.record({
  what: fc.constantFrom('active', 'afk', 'window', 'screenshot', 'recording', 'gap' as const),
  app: fc.constantFrom('Code', 'Mail', 'Ledger', '<b>Odd</b>', 'مرحبا'),
  title: fc.oneof(fc.constant(null), fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })),
  cause: fc.constantFrom('paused', 'locked', 'outside_hours', 'spool_full'),
  at: fc.integer({ min: 0, max: 4 * 24 * 60 - 1 }),
  minutes: fc.integer({ min: 1, max: 40 }),
  computer: fc.nat({ max: 1 }),
})

type Event = typeof event extends fc.Arbitrary<infer Made> ? Made : never

async function put(agent: Agent, { what, app, title, cause, at, minutes }: Event) {
  const from = FIRST + at * MINUTE
  const until = from + minutes * MINUTE
  switch (what) {
    case 'active':
    case 'afk':
      return putPresence(agent, what, from, until)
    case 'window':
      return putWindow(agent, { app, title: title?.replaceAll('\0', '') || null }, from, until)
    case 'screenshot':
      return putScreenshot(agent, from)
    case 'recording':
      return putRecording(agent, from, [0, 1])
    default:
      return putGap(agent, cause, from, until)
  }
}

test.group('A manager and the person', (group) => {
  cleanDatabase(group)

  let dana: User
  let manager: User

  group.each.setup(async () => {
    dana = await makeUser('member', 'Red')
    manager = await makeUser('manager', 'Red')
    const computers = [(await makeAgent(dana)).agent, (await makeAgent(dana)).agent]
    await dana.merge({ timeZone: 'Europe/Berlin' }).save()
    const events = fc.sample(event, { numRuns: 1000, seed: Date.now() % 2 ** 31 })
    for (const made of events) {
      await put(computers[made.computer] as Agent, made)
    }
    await markEverything()
    await settleRollups()
  })

  /** A page without what only says whose it is: addresses, tokens of forms, who is signed in. */
  const whatItShows = (html: string) =>
    (html.match(/<main[\s\S]*<\/main>/)?.[0] ?? html)
      .match(/<div id="day"[\s\S]*?<\/div>\s*<section id="notes"/)?.[0]
      .replaceAll(`/people/${dana.id}/days`, '/me/days')

  test('see the same days, tables and figures of a thousand random events', async ({
    client,
    assert,
  }) => {
    await givePurpose(manager, dana.id, 'weekly 1:1')
    const shown = async (viewer: User, path: string) => {
      const page = await client.get(path).loginAs(viewer)
      page.assertStatus(200)
      return page.text()
    }

    for (const day of DAYS) {
      for (const zone of ['member', 'org']) {
        const own = whatItShows(await shown(dana, `/me/days/${day}?tz=${zone}`))
        const theirs = whatItShows(
          await shown(manager, `/people/${dana.id}/days/${day}?tz=${zone}`)
        )
        assert.isAbove(own?.length ?? 0, 2000, day)
        assert.equal(theirs, own, `${day} in ${zone}`)
      }
      assert.equal(
        await shown(manager, `/people/${dana.id}/days/${day}/table.csv`),
        await shown(dana, `/me/days/${day}/table.csv`)
      )
    }
    const visits = await db
      .from('audit_log')
      .where({ kind: 'look', actor_id: manager.id, person_id: dana.id })
      .select('action', 'object_id', 'purpose')
    assert.lengthOf(visits, DAYS.length * 3)
    assert.isTrue(visits.every(({ purpose }) => purpose === 'weekly 1:1'))
  }).timeout(60_000)

  test('get the same answers of the API, and the person is told of each look', async ({
    client,
    assert,
  }) => {
    const [own, theirs] = [await tokenOf(dana), await tokenOf(manager)]
    const period = 'from=2026-10-22T22:00:00Z&to=2026-10-27T00:00:00Z'
    const paths = [
      `/api/sessions?person=${dana.id}&${period}`,
      `/api/activities?person=${dana.id}&${period}`,
      `/api/screenshots?person=${dana.id}&${period}`,
      `/api/recordings?person=${dana.id}&${period}`,
      `/api/gaps?person=${dana.id}&${period}`,
      `/api/stats/hourly?person=${dana.id}&${period}`,
      `/api/stats/daily?person=${dana.id}&from=${DAYS[0]}&to=${DAYS.at(-1)}`,
      `/api/stats/trends?person=${dana.id}&from=${DAYS[0]}&to=${DAYS.at(-1)}`,
      `/api/stats/explain?figure=active&person=${dana.id}&day=${DAYS[1]}`,
    ]

    for (const path of paths) {
      const mine = await allPages(client, own, path)
      assert.isAbove(JSON.stringify(mine).length, 100, path)
      assert.deepEqual(await allPages(client, theirs, path), mine, path)
    }

    const looks = await db.from('audit_log').where({ kind: 'look', person_id: dana.id })
    assert.isAbove(looks.length, 3)
    const told = (await allPages(client, own, '/api/me/accesses')) as {
      id: number
      viewer: { id: number }
      purpose: string
    }[]
    assert.deepEqual(
      told.map(({ id }) => id),
      looks.map(({ id }) => Number(id)).sort((one, other) => other - one)
    )
    assert.isTrue(told.every(({ viewer, purpose }) => viewer.id === manager.id && purpose !== null))
    const nobody = await client.get('/api/me/accesses').bearerToken(theirs)
    assert.deepEqual(nobody.body().data, [])
  }).timeout(60_000)
})

/** Everything of a list; or the one answer of what is no list. */
async function allPages(client: ApiClient, bearer: string, path: string): Promise<unknown> {
  const rows: unknown[] = []
  for (let next: string | null = path; next; ) {
    const answer = await client.get(next).bearerToken(bearer).header('x-purpose', 'weekly 1:1')
    answer.assertStatus(200)
    const body = answer.body() as { data?: unknown[]; next?: string | null }
    if (!Array.isArray(body.data) || !('next' in body)) {
      return body
    }
    rows.push(...body.data)
    next = body.next ?? null
  }
  return rows
}
