import { test } from '@japa/runner'
import { defineSite } from '../../src/define_site.ts'
import { IdentityStore } from '../../src/identity.ts'
import { acknowledge, isAcknowledged, noticeOf } from '../../src/notice.ts'
import { AgentRuntime } from '../../src/runtime.ts'
import { exclusionsOf } from '../../src/trust/exclusions.ts'
import { aHeartbeat, aScreenshot, FakeServer, temporaryFolder } from '../../testing/main.ts'

type Cleanup = (work: () => Promise<void>) => void

const PICTURE = Buffer.from('RIFF....WEBP a picture')
const HOSTILE = `<img src=x onerror="alert(1)"> "O'Neil" & sons`

async function setUp(cleanup: Cleanup, { isRead = true } = {}) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const notice = { collects: 'a picture of every display', every: 'every 5 minutes' }
  const site = defineSite({
    name: 'test',
    plugins: [{ name: 'screenshot', version: '1', notice, apply: () => undefined }],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
  })
  const { token, url } = server
  const identities = new IdentityStore(path)
  identities.save(
    { server: url, agentId: 7, name: 'desk', site: 'test', person: HOSTILE, token },
    isRead ? acknowledge(noticeOf(site), 0) : null
  )
  const runtime = new AgentRuntime({ site, dataDir: path, random: () => 0, pagePort: 0 })
  cleanup(async () => {
    await runtime.stop()
    await server.stop()
    await remove()
  })
  await runtime.start()
  const link = runtime.trust.report().page ?? ''
  const post = (action: string, fields: Record<string, string> = {}) =>
    fetch(new URL(action, link), {
      method: 'POST',
      headers: { origin: new URL(link).origin },
      body: new URLSearchParams(fields),
    })
  return { server, runtime, identities, site, link, post }
}

test.group('Local page', () => {
  test('shows who, what, the notice and what was taken, and escapes all of it', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, server, link } = await setUp(cleanup)
    await runtime.record(aHeartbeat())
    const taken = await runtime.record(aScreenshot(PICTURE), PICTURE)
    await server.has(2)

    const text = await (await fetch(link)).text()
    const id = taken.status === 'accepted' ? taken.observation.id : ''
    const picture = await fetch(new URL(`pictures/${id}`, link))

    assert.include(text, 'Capturing now')
    assert.include(text, 'a picture of every display, every 5 minutes')
    assert.include(text, runtime.notice.sha256)
    assert.include(text, '&lt;img src=x onerror=&quot;alert(1)&quot;&gt;')
    assert.notInclude(text, '<img src=x')
    assert.include(text, `src="pictures/${id}"`)
    assert.equal(picture.headers.get('content-type'), 'image/webp')
    assert.deepEqual(Buffer.from(await picture.arrayBuffer()), PICTURE)
  })

  test('pauses, and goes on', async ({ assert, cleanup }) => {
    const { runtime, post } = await setUp(cleanup)

    const paused = await post('pause', { minutes: '15' })
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: false, by: 'pause' })
    assert.equal(runtime.trust.pause.current()?.from, 'page')
    assert.include(await paused.text(), 'Paused. Nothing is captured now.')

    await post('resume')
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
    await post('private')
    assert.equal(runtime.trust.pause.current()?.kind, 'private')
  })

  test('a pause that the policy does not allow is refused on the page', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, post } = await setUp(cleanup)
    runtime.trust.pause.limit(0)

    const refused = await post('pause', { minutes: '15' })

    assert.equal(refused.status, 409)
    assert.include(await refused.text(), 'allows 0 minutes of pause a day')
  })

  test('{0} with {1} does nothing')
    .with([
      ['pause', {}],
      ['pause', { minutes: '-5' }],
      ['pause', { minutes: '1e9' }],
      ['bogus', {}],
    ] as [string, Record<string, string>][])
    .run(async ({ assert, cleanup }, [action, fields]) => {
      const { runtime, post } = await setUp(cleanup)

      assert.equal((await post(action, fields)).status, 404)
      assert.isNull(runtime.trust.pause.current())
    })

  test('adds and removes exclusions of one`s own', async ({ assert, cleanup }) => {
    const { runtime, post } = await setUp(cleanup)
    const { isExcluded } = exclusionsOf(runtime)

    await post('exclude', { app: 'Diary', title: '', reason: 'mine' })
    assert.equal(isExcluded({ app: 'diary', title: null }), 'mine')
    await post('include', { app: 'Diary', title: '' })
    assert.isNull(isExcluded({ app: 'diary', title: null }))

    assert.equal((await post('exclude', { app: '*' })).status, 409)
    assert.equal((await post('include', { app: 'keepass*' })).status, 409)
  })

  test('the notice is read there, and only then something is captured', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, identities, post, link } = await setUp(cleanup, { isRead: false })
    const before = await (await fetch(link)).text()

    const wrong = await post('acknowledge', { sha256: 'f'.repeat(64) })
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: false, by: 'notice' })
    await post('acknowledge', { sha256: runtime.notice.sha256 })

    assert.include(before, 'Nothing is captured until you have read the notice')
    assert.equal(wrong.status, 409)
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
    assert.isTrue(isAcknowledged(runtime.notice, identities.acknowledgement()))
    assert.equal(identities.identity()?.name, 'desk')
  })
})

test.group('Indicator', () => {
  test('while none is alive nothing is captured, and the heartbeat says so', async ({
    assert,
    cleanup,
  }) => {
    const { runtime } = await setUp(cleanup)

    await runtime.trust.close()
    const picture = await runtime.record(aScreenshot(PICTURE), PICTURE)
    const beat = await runtime.record(aHeartbeat())
    const { plugins } = await runtime.status()

    assert.deepEqual(runtime.mayObserve('window'), { go: false, by: 'indicator' })
    assert.containsSubset(picture, { status: 'refused' })
    assert.containsSubset(beat, { status: 'accepted' })
    assert.containsSubset(plugins, [
      { name: 'indicator', state: 'unavailable', reason: 'indicator: none' },
    ])

    await runtime.trust.open()
    assert.deepEqual(runtime.mayObserve('window'), { go: true })
    assert.notInclude(JSON.stringify((await runtime.status()).plugins), 'indicator')
  })

  test('another one that is alive is enough; one that throws is not', async ({
    assert,
    cleanup,
  }) => {
    const { runtime } = await setUp(cleanup)
    await runtime.trust.close()

    const remove = runtime.trust.indicators.add({ name: 'tray', isAlive: () => true })
    assert.deepEqual(runtime.mayObserve('window'), { go: true })
    remove()
    runtime.trust.indicators.add({
      name: 'broken',
      isAlive: () => {
        throw new Error('gone')
      },
    })

    assert.deepEqual(runtime.mayObserve('window'), { go: false, by: 'indicator' })
  })
})
