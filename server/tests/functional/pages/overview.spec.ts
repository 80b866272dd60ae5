import { settleRollups } from '#services/rollups/settle'
import { markEverything } from '#services/rollups/rebuild'
import { dayOf, startOfDay } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { putPresence, putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { stopClock } from '#tests/support/clock'
import { makeAgent, makeUser } from '#tests/support/people'
import { test } from '@japa/runner'

const HOUR = 3_600_000

/** People of a team who worked an hour today. */
async function workedToday(team: string, count: number) {
  for (let made = 0; made < count; made += 1) {
    const person = await makeUser('member', team)
    const calendar = await calendarOf(await person.refresh())
    const begin = startOfDay(calendar, dayOf(calendar, Date.now()))
    const { agent } = await makeAgent(person)
    await putPresence(agent, 'active', begin, begin + HOUR)
    await putScreenshot(agent, begin, 7 * 1024 ** 2)
  }
  await markEverything()
  await settleRollups()
}

test.group('The overview', (group) => {
  cleanDatabase(group)
  group.each.setup(() => stopClock())

  test('shows active time and coverage of today by team, never of fewer than five people', async ({
    client,
    assert,
  }) => {
    await workedToday('Large', 5)
    await workedToday('Small', 4)
    const page = await client.get('/').loginAs(await makeUser('owner'))

    page.assertTextIncludes('Today by team')
    page.assertTextIncludes('5 h 00 m')
    assert.notInclude(page.text(), '4 h 00 m')
    page.assertTextIncludes('fewer than five people')
  })

  test('shows a manager the own teams alone', async ({ client, assert }) => {
    await workedToday('Large', 5)
    const page = await client.get('/').loginAs(await makeUser('manager', 'Other'))

    assert.notInclude(page.text(), 'Large')
    assert.notInclude(page.text(), 'Storage and queue')
  })

  test('shows those who run it the room for pictures, and how fast it goes', async ({ client }) => {
    await workedToday('Large', 1)
    const page = await client.get('/').loginAs(await makeUser('admin'))

    page.assertTextIncludes('Free on this server')
    page.assertTextIncludes('1.0 MB')
    page.assertTextIncludes('Jobs that wait')
  })

  test('counts who is idle and who paused apart, and leads to them', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const beat = { lastSeenAt: Date.now(), intervalSeconds: 30 }
    const [working, away, paused] = [
      (await makeAgent()).agent,
      (await makeAgent()).agent,
      (await makeAgent()).agent,
    ]
    await working.merge({ ...beat, state: 'active' }).save()
    await away.merge({ ...beat, state: 'afk' }).save()
    await paused.merge({ ...beat, state: 'paused' }).save()

    const page = await client.get('/').loginAs(owner)
    page.assertTextIncludes('1 online, 1 idle, 1 paused, 0 silent')
    const list = await client.get('/agents?presence=paused').loginAs(owner)
    list.assertTextIncludes(paused.name)
    assert.notInclude(list.text(), `>${working.name}<`)
  })
})
