import Team from '#models/team'
import type User from '#models/user'
import { putPresence, putRecording, putScreenshot } from '#tests/support/activity'
import { emptyTables } from '#tests/support/clean'
import { openRequest } from '#services/enrolment_requests'
import { PAGES, VISITORS, type Visitor } from '#tests/support/page_table'
import { makeAgent, makeUser } from '#tests/support/people'
import router from '@adonisjs/core/services/router'
import { test } from '@japa/runner'

/** What is shown to those who may is seen by night; that it is not shown to others, with every run. */
const isLong = process.env.WORKSIGHT_TEST_LONG === '1'

const DAY = '2026-11-22'
const NOON = Date.parse(`${DAY}T12:00:00Z`)

test.group('Pages and visitors', (group) => {
  let people: Readonly<Record<Exclude<Visitor, 'nobody'>, User>>
  let ids: Readonly<Record<string, string | number>>

  let code: string

  group.setup(async () => {
    await emptyTables()
    const self = await makeUser('member', 'North')
    const { agent } = await makeAgent(self)
    people = {
      'self': self,
      'other member': await makeUser('member', 'South'),
      'manager': await makeUser('manager', 'North'),
      'other manager': await makeUser('manager', 'South'),
      'admin': await makeUser('admin', 'South'),
      'owner': await makeUser('owner', 'South'),
      'auditor': await makeUser('auditor', 'South'),
    }
    ids = {
      activities: await putPresence(agent, 'active', NOON, NOON + 60_000),
      screenshots: await putScreenshot(agent, NOON),
      recordings: await putRecording(agent, NOON, [0]),
      agents: agent.id,
      people: self.id,
      users: self.id,
      teams: (await Team.findByOrFail('name', 'North')).id,
    }
    const machine = { host: 'laptop', platform: 'linux', agent_version: '1' }
    code = (await openRequest(machine, '192.0.2.1')).request.shownCode
  })

  const pathOf = (pattern: string) =>
    pattern
      .replace(/(\w+)\/:id/, (_, what: string) => `${what}/${ids[what] ?? 1}`)
      .replace('enrol/:code', `enrol/${code}`)
      .replace(':level', 'person')
      .replace(/person\/:id/, `person/${ids.people}`)
      .replace(':date', DAY)
      .replace(':key', 'a'.repeat(64))
      .replace(':file', 'swagger-ui.css')
      .replace(':disk', 'local')
      .replace(':name', 'storage')
      .replace(/:\w+/, '1')

  test('the table names every page and form, and nothing else', ({ assert }) => {
    const routes = Object.values(router.toJSON())
      .flat()
      .filter(({ pattern }) => !/^\/(?:api|__transmit)\//.test(pattern))
      .flatMap(({ pattern, methods }) =>
        methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${pattern}`)
      )

    assert.sameMembers(
      PAGES.map(([route]) => route),
      routes
    )
    assert.isTrue(PAGES.every(([, cells]) => cells.trim().split(/\s+/).length === VISITORS.length))
  })

  test('each is answered as the table says', async ({ client, assert }) => {
    const wrong: string[] = []
    let asked = 0
    for (const [route, cells] of PAGES) {
      const [method = '', pattern = ''] = route.split(' ')
      for (const [at, cell] of cells.trim().split(/\s+/).entries()) {
        if (cell === '-' || (cell === '200' && !isLong)) {
          continue
        }
        const visitor = VISITORS[at] ?? 'nobody'
        const request = client.request(pathOf(pattern), method).withCsrfToken().redirects(0)
        const answer = await (visitor === 'nobody' ? request : request.loginAs(people[visitor]))
        const isLedAway = visitor !== 'nobody' || cell !== '302'
        const isRight = isLedAway || answer.header('location') === '/login'
        asked += 1
        if (String(answer.status()) !== cell || !isRight) {
          wrong.push(`${route}, ${visitor}: ${answer.status()}, not ${cell}`)
        }
      }
    }
    assert.isAbove(asked, 300)
    assert.deepEqual(wrong, [])
  }).timeout(120_000)
})
