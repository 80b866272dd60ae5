import { putPresence, putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import { givePurpose } from '#services/purpose'
import type Agent from '#models/agent'
import type User from '#models/user'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import type { ApiClient } from '@japa/api-client'

const ZONES = { member: 'Europe/Berlin', org: 'Asia/Kolkata', mine: 'America/New_York' } as const
type ZoneView = keyof typeof ZONES

/** What the page draws: its axis, the hours on it, and the spans of two lanes, as instants. */
function drawn(html: string) {
  const number = (name: string) => Number(html.match(new RegExp(`data-${name}="(\\d+)"`))?.[1])
  const [from, until] = [number('from'), number('until')]
  const instant = (percent: string) => from + (Number.parseFloat(percent) / 100) * (until - from)
  const hours = [
    ...html.matchAll(
      /data-size="hour"[\s\S]*?<line x1="([\d.]+)%"[\s\S]*?<text[^>]*>([^<]+)<\/text>/g
    ),
  ].map(([, x = '', label = '']) => ({ at: instant(x), label }))
  const lane = (name: string) => {
    const [, body = ''] = html.match(new RegExp(`<g data-lane="${name}">([\\s\\S]*?)</g>`)) ?? []
    return [...body.matchAll(/class="mark ([\w-]+)" x="([\d.]+)%" width="([\d.]+)%"/g)].map(
      ([, kind = '', x = '', width = '']) => ({
        kind,
        from: instant(x),
        until: instant(x) + instant(width) - from,
      })
    )
  }
  return { from, until, hours, presence: lane('presence'), app: lane('app') }
}

/** Percents have three digits: a day of 25 hours is drawn to the second. */
const toMinute = (instant: number) => new Date(Math.round(instant / 60_000) * 60_000).toISOString()

test.group('The axis of a day', (group) => {
  cleanDatabase(group)

  let dana: User
  let manager: User
  let agent: Agent

  group.each.setup(async () => {
    dana = await makeUser('member', 'Red')
    await dana.merge({ timeZone: ZONES.member }).save()
    manager = await makeUser('manager', 'Red')
    await manager.merge({ timeZone: ZONES.mine }).save()
    const owner = await makeUser('owner')
    await owner.merge({ timeZone: ZONES.org }).save()
    agent = (await makeAgent(dana)).agent
    await givePurpose(manager, dana.id, 'weekly 1:1')
  })

  const work = async (from: string, until: string) => {
    await putPresence(agent, 'active', Date.parse(from), Date.parse(until))
    await putWindow(agent, { app: 'Editor' }, Date.parse(from), Date.parse(until))
  }

  const open = async (client: ApiClient, day: string, view: ZoneView = 'member') => {
    const page = await client.get(`/people/${dana.id}/days/${day}?tz=${view}`).loginAs(manager)
    page.assertStatus(200)
    return page.text()
  }

  /** One mark of the lanes, from and until, and the hours that are written on the axis. */
  const spanOf = ({ presence, app }: ReturnType<typeof drawn>) =>
    [presence, app].map((marks) =>
      marks.map(({ from, until }) => [toMinute(from), toMinute(until)])
    )

  const both = (from: string, until: string) => {
    const span = [[new Date(from).toISOString(), new Date(until).toISOString()]]
    return [span, span]
  }

  test('has the hour twice that comes twice: a night of 25 hours, {0}')
    .with([
      ['member', '22:00 23:00 00:00 01:00 02:00 02:00 CET 03:00 04:00'],
      ['org', '01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00'],
      ['mine', '16:00 17:00 18:00 19:00 20:00 21:00 22:00 23:00'],
    ] as const)
    .run(async ({ client, assert }, [view, labels]) => {
      await work('2026-10-24T20:00:00Z', '2026-10-25T03:00:00Z')

      const html = await open(client, '2026-10-24', view)

      const chart = drawn(html)
      assert.deepEqual(spanOf(chart), both('2026-10-24T20:00:00Z', '2026-10-25T03:00:00Z'))
      assert.include(html, '7 h 00 m')
      assertHours(assert, chart.hours, labels, ZONES[view])
    })

  test('leaves the hour out that never was: a night of 23 hours, {0}')
    .with([
      ['member', '22:00 23:00 00:00 01:00 03:00 04:00'],
      ['org', '02:00 03:00 04:00 05:00 06:00 07:00 08:00'],
      ['mine', '17:00 18:00 19:00 20:00 21:00 22:00'],
    ] as const)
    .run(async ({ client, assert }, [view, labels]) => {
      await work('2026-03-28T21:00:00Z', '2026-03-29T02:00:00Z')

      const html = await open(client, '2026-03-28', view)

      const chart = drawn(html)
      assert.deepEqual(spanOf(chart), both('2026-03-28T21:00:00Z', '2026-03-29T02:00:00Z'))
      assert.include(html, '5 h 00 m')
      assertHours(assert, chart.hours, labels, ZONES[view])
    })

  test('holds a night shift over midnight whole, on the day it began in, {0}')
    .with([
      ['member', '22:00 23:00 00:00 01:00 02:00 03:00 04:00 05:00 06:00'],
      ['org', '02:00 03:00 04:00 05:00 06:00 07:00 08:00 09:00 10:00'],
      ['mine', '16:00 17:00 18:00 19:00 20:00 21:00 22:00 23:00 00:00'],
    ] as const)
    .run(async ({ client, assert }, [view, labels]) => {
      await work('2026-11-18T21:00:00Z', '2026-11-19T05:00:00Z')

      const html = await open(client, '2026-11-18', view)
      const next = await open(client, '2026-11-19', view)

      const chart = drawn(html)
      assert.deepEqual(spanOf(chart), both('2026-11-18T21:00:00Z', '2026-11-19T05:00:00Z'))
      assert.include(html, '8 h 00 m')
      assertHours(assert, chart.hours, labels, ZONES[view])
      assert.include(next, 'Nothing was captured on this day')
    })

  test('is on the wall where the person was: Berlin until the move, New York after it', async ({
    client,
    assert,
  }) => {
    await db
      .table('former_zones')
      .insert({ user_id: dana.id, until_day: '2026-11-19', time_zone: 'Europe/Berlin' })
    await dana.merge({ timeZone: 'America/New_York' }).save()
    await work('2026-11-18T08:00:00Z', '2026-11-18T16:00:00Z')
    await work('2026-11-19T05:00:00Z', '2026-11-19T05:30:00Z')
    await work('2026-11-19T14:00:00Z', '2026-11-19T22:00:00Z')

    const before = await open(client, '2026-11-18')
    const after = await open(client, '2026-11-19')
    const elsewhere = await open(client, '2026-11-18', 'mine')

    assert.include(before, 'Europe/Berlin</strong>')
    assert.include(after, 'America/New_York</strong>')
    assert.include(elsewhere, 'America/New_York</strong>')
    assertHours(assert, drawn(before).hours, '08:00 10:00 12:00 14:00 16:00', 'Europe/Berlin')
    assertHours(assert, drawn(after).hours, '09:00 10:00 11:00 12:00', 'America/New_York')
    assert.deepEqual(spanOf(drawn(before))[0], [
      ['2026-11-18T08:00:00.000Z', '2026-11-18T16:00:00.000Z'],
      ['2026-11-19T05:00:00.000Z', '2026-11-19T05:30:00.000Z'],
    ])
    assert.deepEqual(spanOf(drawn(elsewhere)), spanOf(drawn(before)))
    assert.deepEqual(spanOf(drawn(after)), both('2026-11-19T14:00:00Z', '2026-11-19T22:00:00Z'))
  })
})

type Assert = {
  include(text: string, part: string): void
  equal(one: unknown, other: unknown): void
}

/** The axis has these hours, one after the other, each an hour after the one before and where the zone has it. */
function assertHours(
  assert: Assert,
  hours: readonly { readonly at: number; readonly label: string }[],
  labels: string,
  zone: string
) {
  assert.include(hours.map(({ label }) => label).join(' '), labels)
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' })
  for (const { at, label } of hours) {
    assert.equal(clock.format(Math.round(at / 60_000) * 60_000), label.slice(0, 5))
  }
}
