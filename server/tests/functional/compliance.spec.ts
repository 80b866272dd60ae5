import { readComplianceFacts } from '#services/compliance/facts'
import { differences, drift, writePack } from '#services/compliance/pack'
import { readSite, siteNames, type SiteFacts } from '#services/compliance/site_facts'
import { judgeSite } from '#services/compliance/site_rules'
import { sha256 } from '#services/acknowledgement_ledger'
import { publishVersion } from '#services/policy/store'
import { INITIAL_POLICY } from '#contract/policy'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import { unzip } from '#tests/support/zip'
import ace from '@adonisjs/core/services/ace'
import { test } from '@japa/runner'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const publish = (values: object) =>
  publishVersion({
    subject: { level: 'organisation', id: 0 },
    values,
    locked: [],
    reason: 'a test',
    actor: 'command',
  })

/** A site that nobody could object to. */
const CAREFUL: SiteFacts = {
  name: 'careful',
  plugins: [{ name: 'heartbeat', collects: 'that it lives', every: null }],
  hours: { days: { monday: [['09:00', '17:00']] } },
  notice: {
    organisation: 'Acme',
    contact: 'dpo@example.org',
    purpose: 'Billing',
    legalBasis: 'Contract',
    seenBy: 'Your lead',
    kept: '30 days',
    law: 'eu',
    complaintsTo: 'The authority',
    protectionOfficer: 'dpo@example.org',
  },
  most: {
    ...INITIAL_POLICY,
    'screenshot.enabled': false,
    'recording.enabled': false,
    'activity.enabled': false,
  },
  allowsInsecureHttp: false,
}

const having = (values: object): SiteFacts => ({ ...CAREFUL, most: { ...CAREFUL.most, ...values } })

test.group('site:check', (group) => {
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('has nothing to say about a site that nobody could object to', ({ assert }) => {
    assert.deepEqual(judgeSite(CAREFUL), [])
  })

  test('objects: {id}')
    .with([
      {
        id: 'screenshot.interval',
        site: having({ 'screenshot.enabled': true, 'screenshot.interval_seconds': 10 }),
      },
      {
        id: 'screenshot.regular',
        site: having({ 'screenshot.enabled': true, 'screenshot.interval_seconds': 300 }),
      },
      { id: 'recording', site: having({ 'recording.enabled': true }) },
      { id: 'activity.titles', site: having({ 'activity.titles': true }) },
      { id: 'pause', site: having({ 'pause.minutes_per_day': 0 }) },
      { id: 'retention.heartbeats', site: having({ 'retention.heartbeats_days': 91 }) },
      {
        id: 'retention.screenshots',
        site: having({ 'screenshot.enabled': true, 'retention.screenshots_days': 31 }),
      },
      { id: 'hours', site: { ...CAREFUL, hours: 'always' } },
      { id: 'http', site: { ...CAREFUL, allowsInsecureHttp: true } },
      { id: 'notice.purpose', site: { ...CAREFUL, notice: { ...CAREFUL.notice, purpose: ' ' } } },
      { id: 'notice.law', site: { ...CAREFUL, notice: { ...CAREFUL.notice, law: undefined } } },
      {
        id: 'notice.declared',
        site: { ...CAREFUL, plugins: [{ name: 'x', collects: null, every: null }] },
      },
    ])
    .run(({ assert }, { id, site }) => {
      assert.include(
        judgeSite(site).map((finding) => finding.id),
        id
      )
    })

  test('reads the sites of this repository, and ends with 7 where one has problems', async ({
    assert,
  }) => {
    const site = await readSite('default')

    assert.include(siteNames(), 'default')
    assert.includeMembers(
      judgeSite(site as SiteFacts).map(({ id }) => id),
      ['hours', 'notice.purpose']
    )
    assert.equal((await ace.exec('site:check', ['default'])).exitCode, 7)
    assert.equal((await ace.exec('site:check', ['nowhere'])).exitCode, 2)
  })
})

test.group('Compliance pack', (group) => {
  cleanDatabase(group)
  let folder = ''
  group.each.setup(async () => {
    ace.ui.switchMode('raw')
    folder = await mkdtemp(join(tmpdir(), 'worksight-pack-'))
    return async () => {
      ace.ui.switchMode('normal')
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('says what is done, why, for how long, and what people read', async ({ client, assert }) => {
    const { token } = await makeAgent(await makeUser('member'))
    const text = 'Notice\n\nA picture every 5 minutes.\n'
    await client
      .post('/api/agents/me/acknowledgements')
      .bearerToken(token)
      .json({
        version: 1,
        text_sha256: sha256(text),
        acknowledged_at: '2026-11-22T09:00:00.000Z',
        language: 'en',
        text,
      })
    await publish({ 'retention.screenshots_days': 14, 'screenshot.interval_seconds': 600 })

    const files = await writePack(folder, await readComplianceFacts())

    const read = (name: string) => readFile(join(folder, name), 'utf8')
    const notice = files.find((name) => name.startsWith('notices/')) ?? ''
    assert.equal(await read(notice), text)
    assert.include(await read('dpia.md'), 'There are no hours')
    assert.include(await read('dpia.md'), '[to be written by the controller]')
    assert.match(await read('retention.md'), /everybody \(version \d+\).*\| 14 days/)
    assert.include(await read('retention.md'), '| screenshots | removed by an erasure |')
    assert.include(await read('record_of_processing.md'), 'a picture of everything')
  })

  test('compliance:check fails when a policy changed, and names what', async ({ assert }) => {
    const report = () => ace.exec('compliance:report', [`--out=${folder}`])
    const check = () => ace.exec('compliance:check', [`--against=${folder}`])
    assert.equal((await check()).exitCode, 3)
    await report()
    assert.equal((await check()).exitCode, 0)

    await publish({ 'retention.screenshots_days': 60 })

    assert.equal((await check()).exitCode, 7)
    assert.deepEqual(await drift(folder, await readComplianceFacts()), ['policies/0'])
    await report()
    assert.equal((await check()).exitCode, 0)
  })

  test('people and what they do are no drift', async ({ client, assert }) => {
    await makeAgent()
    await writePack(folder, await readComplianceFacts())

    const { token } = await makeAgent(await makeUser('member'))
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))

    assert.deepEqual(await drift(folder, await readComplianceFacts()), [])
  })

  test('differences are named by their paths', ({ assert }) => {
    assert.deepEqual(differences({ a: { b: [1, 2] }, c: 1 }, { a: { b: [1, 3] }, d: 1 }), [
      'a/b/1',
      'c',
      'd',
    ])
  })
})

test.group('Commands of subject rights', (group) => {
  cleanDatabase(group)
  let folder = ''
  group.each.setup(async () => {
    ace.ui.switchMode('raw')
    folder = await mkdtemp(join(tmpdir(), 'worksight-subject-'))
    return async () => {
      ace.ui.switchMode('normal')
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('export:person writes the same zip as the page', async ({ assert }) => {
    const dana = await makeUser('member')
    const out = join(folder, 'dana.zip')

    const done = await ace.exec('export:person', [`--person=${dana.email}`, `--out=${out}`])
    const unknown = await ace.exec('export:person', ['--person=nobody@example.test'])

    assert.deepEqual([done.exitCode ?? 0, unknown.exitCode], [0, 2])
    const files = unzip(await readFile(out))
    assert.equal(JSON.parse(files.get('manifest.json')?.toString() ?? '').person.email, dana.email)
  })

  test('notice:ledger verifies the ledger and an exported one', async ({ client, assert }) => {
    const { token } = await makeAgent()
    await client
      .post('/api/agents/me/acknowledgements')
      .bearerToken(token)
      .json({
        version: 1,
        text_sha256: 'a'.repeat(64),
        acknowledged_at: '2026-11-22T09:00:00.000Z',
        language: 'en',
      })
    const out = join(folder, 'ledger.json')
    const whole = await ace.exec('notice:ledger', [`--out=${out}`])
    const again = await ace.exec('notice:ledger', [`--file=${out}`])
    await writeFile(out, (await readFile(out, 'utf8')).replace('"version": 1', '"version": 2'))
    const changed = await ace.exec('notice:ledger', [`--file=${out}`])

    assert.deepEqual([whole.exitCode, again.exitCode, changed.exitCode], [0, 0, 1])
  })

  test('erasure:verify passes where there is nothing to object to', async ({ assert }) => {
    assert.equal((await ace.exec('erasure:verify', [])).exitCode, 0)
  })
})
