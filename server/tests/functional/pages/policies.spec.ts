import Team from '#models/team'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import ace from '@adonisjs/core/services/ace'
import { test } from '@japa/runner'

/** JSON columns come as text from SQLite. */
const parsed = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value)

const FORM = {
  screenshots: 'on',
  every: '10',
  every_unit: 'minutes',
  blur: 'light',
  titles: '',
  hours: 'set',
  days: ['1', '2'],
  from: '09:00',
  until: '17:00',
  pause: 'unlimited',
  exclusions: 'KeePass*\n* | *union*\n',
  locked: ['screenshot.blur'],
}

test.group('Policies in sentences', (group) => {
  cleanDatabase(group)

  test('a form becomes a version, and the page says it in sentences', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')

    const answer = await client
      .post('/policies/organisation/0')
      .loginAs(owner)
      .withCsrfToken()
      .form(FORM)
      .redirects(0)

    answer.assertStatus(302)
    const [row] = await db.from('policy_versions')
    assert.deepEqual(parsed(row.values), {
      'screenshot.enabled': true,
      'screenshot.interval_seconds': 600,
      'screenshot.blur': 'light',
      'hours': { days: [1, 2], from: '09:00', until: '17:00' },
      'pause.minutes_per_day': null,
      'exclusions': [
        { app: 'KeePass*', title: null, reason: null },
        { app: null, title: '*union*', reason: null },
      ],
    })
    assert.deepEqual(parsed(row.locked), ['screenshot.blur'])
    const page = await client.get('/policies').loginAs(owner)
    page.assertTextIncludes(
      'A screenshot of every display is taken every 10 minutes, blurred lightly.'
    )
    page.assertTextIncludes('Nothing is captured outside Mon, Tue 09:00–17:00, on your clock.')
  })

  test('a preview says what loosens and for whom, and stores nothing', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const team = await Team.create({ name: 'North' })
    const person = await makeUser('member', 'North')

    const answer = await client
      .post(`/policies/team/${team.id}/preview`)
      .loginAs(owner)
      .withCsrfToken()
      .header('HX-Request', 'true')
      .form({ titles: 'on', recordings: 'off' })

    answer.assertStatus(200)
    answer.assertTextIncludes('loosens')
    answer.assertTextIncludes(`1 person: ${person.fullName}`)
    answer.assertTextIncludes('The screen is not recorded.')
    assert.lengthOf(await db.from('policy_versions'), 0)
  })

  for (const [what, form, problem, control] of [
    ['an interval of a second', { every: '1', every_unit: 'seconds' }, 'between 5 and', 'every'],
    ['a word for a number', { every: 'often', every_unit: 'minutes' }, 'must be a number', 'every'],
    ['hours without a day', { hours: 'set', from: '09:00', until: '17:00' }, 'one day', 'hours'],
    ['hours without an end', { hours: 'set', days: '1', from: '09:00' }, 'Hours', 'until'],
    ['titles without a reason', { titles: 'on' }, 'Titles of windows): say why', 'reason'],
  ] as const) {
    test(`${what} is refused beside its field, and what was typed is kept`, async ({
      client,
      assert,
    }) => {
      const owner = await makeUser('owner')

      const answer = await client
        .post('/policies/organisation/0')
        .loginAs(owner)
        .withCsrfToken()
        .form(form)

      answer.assertStatus(422)
      const [, words] = answer.text().match(/<p id="refused"[^>]*>([^<]*)/) ?? []
      assert.include(words, problem)
      assert.notInclude(answer.text(), 'value="null"')
      assert.match(answer.text(), new RegExp(`name="${control}"[^>]*aria-invalid="true"`))
      assert.lengthOf(await db.from('policy_versions'), 0)
    })
  }

  test('are read by auditors, written by owners and admins, and do not exist for others', async ({
    client,
    assert,
  }) => {
    const seen: Record<string, number[]> = {}
    for (const role of ['owner', 'admin', 'auditor', 'manager', 'member'] as const) {
      const user = await makeUser(role)
      const read = await client.get('/policies/organisation/0').loginAs(user)
      const written = await client
        .post('/policies/organisation/0')
        .loginAs(user)
        .withCsrfToken()
        .form({ recordings: 'off' })
        .redirects(0)
      seen[role] = [read.status(), written.status()]
    }
    assert.deepEqual(seen, {
      owner: [200, 302],
      admin: [200, 302],
      auditor: [200, 404],
      manager: [404, 404],
      member: [404, 404],
    })
  })

  test('everybody reads what holds for oneself and why, and nobody what is not theirs', async ({
    client,
  }) => {
    const person = await makeUser('member', 'North')
    const other = await makeUser('member', 'South')

    const own = await client.get('/policies/explain').loginAs(person)
    const foreign = await client.get(`/policies/explain?person=${other.id}`).loginAs(person)

    own.assertStatus(200)
    own.assertTextIncludes('What holds for me')
    foreign.assertStatus(404)
  })
})

test.group('node ace policy:*', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('sets, shows what loosens, asks for a reason, and puts in force', async ({ assert }) => {
    const shown = await ace.exec('policy:set', ['screenshot.interval_seconds=60'])
    const refused = await ace.exec('policy:set', ['screenshot.interval_seconds=60', '--publish'])
    const published = await ace.exec('policy:set', [
      'screenshot.interval_seconds=60',
      'hours=null',
      '--publish',
      '--reason=DPIA 7',
    ])

    assert.deepEqual([shown.exitCode, refused.exitCode, published.exitCode], [0, 2, 0])
    const rows = await db.from('policy_versions')
    assert.lengthOf(rows, 1)
    assert.deepEqual(parsed(rows[0].values), {
      'screenshot.interval_seconds': 60,
      'hours': null,
    })
  })

  test('refuses what is no value, no team and no person with 2', async ({ assert }) => {
    const codes = []
    for (const flags of [
      ['keys=1'],
      ['screenshot.interval_seconds=often'],
      ['recording.enabled=false', '--team=Nowhere'],
      ['recording.enabled=false', '--person=nobody@example.test'],
    ]) {
      codes.push((await ace.exec('policy:set', flags)).exitCode)
    }
    codes.push((await ace.exec('policy:explain', [])).exitCode)

    assert.deepEqual(codes, [2, 2, 2, 2, 2])
    assert.lengthOf(await db.from('policies'), 0)
  })

  test('publishes with --yes, and what it changed is a line of the log', async ({ assert }) => {
    const { exitCode } = await ace.exec('policy:publish', [
      'screenshot.interval_seconds=60',
      '--lock=activity.titles',
      '--dpia=2026-4',
      '--yes',
    ])

    assert.equal(exitCode, 0)
    const said = ace.ui.logger.getLogs().map(({ message }) => message)
    assert.isTrue(said.some((line) => /interval_seconds: null → 60.*loosens/.test(line)))
    const [row] = await db.from('policy_versions')
    assert.equal(row.reason, 'DPIA 2026-4')
    const [line] = await db.from('audit_log').where('action', 'policy.publish')
    assert.equal(line.object_id, 'policy:organisation:0')
    assert.deepEqual(JSON.parse(line.details), {
      before: { 'screenshot.interval_seconds': null, 'locked': [], 'reason': null },
      after: {
        'screenshot.interval_seconds': 60,
        'locked': ['activity.titles'],
        'reason': 'DPIA 2026-4',
      },
    })
    assert.equal((await ace.exec('audit:verify', [])).exitCode, 0)
  })

  test('publishes nothing that observes more without a reason, and nothing that nobody said yes to', async ({
    assert,
  }) => {
    const codes = []
    for (const flags of [
      ['screenshot.interval_seconds=60', '--yes'],
      ['screenshot.interval_seconds=600'],
      ['screenshot.interval_seconds=600', '--lock=nothing', '--yes'],
      ['screenshot.interval_seconds=1', '--yes', '--dpia=1'],
      ['keys=1', '--yes'],
    ]) {
      codes.push((await ace.exec('policy:publish', flags)).exitCode)
    }

    assert.deepEqual(codes, [4, 2, 2, 2, 2])
    assert.lengthOf(await db.from('policy_versions'), 0)
    assert.lengthOf(await db.from('audit_log'), 0)
  })

  test('explains what holds for a person', async ({ assert }) => {
    const person = await makeUser('member', 'North')
    await ace.exec('policy:set', ['recording.enabled=false', '--publish', '--team=North'])

    const command = await ace.exec('policy:explain', [`--person=${person.email}`])

    command.assertSucceeded()
    const printed = ace.ui.logger.getLogs().map(({ message }) => message)
    assert.isTrue(printed.some((line) => /recording\.enabled.*off.*team v\d+/.test(line)))
  })
})
