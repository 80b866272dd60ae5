import { folder, leaksIn } from '#tests/support/secrets'
import { launch, Visitor } from '#tests/support/visitor'
import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'
import { DriveEmulator, SHARED_DRIVE } from '@worksight/agent-core/testing/drive_emulator'
import type { Browser } from 'playwright'

type Account = { email: string; password: string }

test.group('Recordings that stand on Google Drive', (group) => {
  let drive: DriveEmulator
  let world: World
  let browser: Browser
  let owner: Account
  let stranger: Account

  group.setup(async () => {
    drive = await DriveEmulator.start()
    const settings = {
      GOOGLE_DRIVE_BASE_URL: drive.url,
      GOOGLE_DRIVE_CREDENTIALS_PATH: await drive.writeKey(),
      GOOGLE_DRIVE_FOLDER_ID: SHARED_DRIVE,
      WORKSIGHT_RECORDING_ENABLED: 'true',
      WORKSIGHT_RECORDING_EVERY_MINUTES: '0',
      WORKSIGHT_RECORDING_SEGMENT_SECONDS: '2',
      WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: '3600',
    }
    world = await World.make(settings, 'drive')
    const { owner: account, enrolment_code: code } = await world.setUp()
    owner = account
    const manager = ['--email', 'south@example.test', '--role', 'manager', '--team', 'South']
    stranger = await world.run('user:create', ...manager)
    await world.startDisplay()
    await world.startServer({ LOG_LEVEL: 'trace' })
    world.startDemo()
    await world.enrol(code)
    browser = await launch()
    return async () => {
      await browser.close()
      await world.end()
      await drive.stop()
    }
  })

  group.each.teardown(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  const enter = async ({ email, password }: Account) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(email, password)
    return visitor
  }
  const [first, second] = [0, 1].map((index) => () => {
    const recording = world.recordings()[index]
    return { id: recording?.id ?? '', run: recording?.recording_id ?? '', key: keyOf(recording) }
  }) as [() => Found, () => Found]

  test('go there when a person chooses it for the site, and the agent has no credential', async ({
    assert,
  }) => {
    const { page, complaints } = await enter(owner)
    await page.goto(`${world.url}/settings/storage`)
    await page.click('[aria-label="Check Google Drive"]')
    const steps = await page.locator('ol[aria-label="Check of Google Drive"]').innerText()
    await page.getByLabel('drive', { exact: true }).selectOption('google-drive')
    await page.click('button:has-text("Save") >> nth=0')
    await page.waitForLoadState()

    world.startAgent()
    await until(() => world.recordings().length > 1, 'recordings have rows', 60)

    assert.notInclude(steps, '✖')
    assert.includeMembers(
      drive.media.map(({ id }) => id),
      [first().key, second().key]
    )
    assert.deepEqual(complaints, [])
  })

  test('play and seek in the page, through the server alone', async ({ assert }) => {
    const visitor = await enter(owner)
    const { page } = visitor
    drive.requests.length = 0
    await visitor.go(`/recordings/${first().run}`)

    const evaluate = (expression: string) =>
      page.evaluate(`(() => { const video = document.querySelector('video'); ${expression} })()`)
    await evaluate('video.muted = true; video.currentTime = 1; return video.play()')
    await until(
      async () => Number(await evaluate('return video.currentTime')) > 1.2,
      'it plays from where it was put'
    )

    assert.isAbove(Number(await evaluate('return video.videoWidth')), 0)
    assert.isNull(await evaluate('return video.error'))
    assert.isTrue(
      drive.requests.some((request) => request.includes(first().key) && /alt=media/.test(request))
    )
    assert.deepEqual(visitor.complaints, [])
  })

  test('do not exist for a manager of another team', async ({ assert }) => {
    const { page } = await enter(stranger)
    const { id, run } = first()
    drive.requests.length = 0

    const statuses = await Promise.all(
      [`/recordings/${run}`, `/media/recordings/${id}`, `/media/recordings/${id}?download=1`].map(
        async (path) => (await page.request.get(`${world.url}${path}`)).status()
      )
    )

    assert.deepEqual(statuses, [404, 404, 404])
    assert.isEmpty(drive.requests.filter((request) => request.includes(first().key)))
  })

  test('are deleted there too, from their page', async ({ assert }) => {
    const { id, key, run } = first()
    const { page } = await enter(owner)
    await page.goto(`${world.url}/recordings/${run}`)

    await page.click('main button:has-text("Delete")')
    await page.click('dialog[open] button[data-variant=destructive]')
    await page.waitForURL(`${world.url}/recordings`)
    await until(() => !drive.files.has(key), 'the file is gone from the Drive')

    const gone = await page.request.get(`${world.url}/media/recordings/${id}`)
    assert.equal(gone.status(), 404)
  })

  test('wait on the computer while the Drive has no room, which every page says, and arrive when it has', async ({
    assert,
  }) => {
    const { page } = await enter(owner)
    drive.limit = drive.media.reduce((sum, { size }) => sum + size, 0)
    const before = world.recordings().length
    const waiting = async () => (await world.agentStatus()).spool.queued
    await until(async () => (await waiting()) > 1, 'recordings wait in the spool', 60)
    const overview = async () => {
      await page.goto(`${world.url}/`)
      return page.locator('main').innerText()
    }
    await until(
      async () => /drive-upload is degraded: Google Drive has no room left/.test(await overview()),
      'the overview says so'
    )
    await page.goto(`${world.url}/settings/storage`)
    const told = await page.locator('section[aria-labelledby="google-drive-title"]').innerText()
    const stopped = world.recordings().length
    drive.limit = null
    await world.agentCommand('queue', 'flush')
    await until(async () => (await waiting()) < 2, 'all of them have arrived', 60)
    await until(async () => !/no room left/.test(await overview()), 'the overview is well again')

    assert.include(told, 'Google Drive is full')
    assert.isAtMost(stopped - before, 1)
    assert.isAtLeast(world.recordings().length, stopped + 2)
    const onDrive = new Set(drive.media.map(({ sha256 }) => sha256))
    assert.isEmpty(world.recordings().filter(({ sha256 }) => !onDrive.has(sha256)))
  })

  test('leave no credential behind: in no log, no database, nothing that the agent keeps', ({
    assert,
  }) => {
    const texts = [...folder(world.folder)]
    const sessions = [...drive.sessions.keys()]

    assert.includeMembers(
      texts.map(({ where }) => where),
      ['server.log', 'agent.log', 'database.sqlite']
    )
    assert.isAbove(sessions.length, 1)
    assert.deepEqual(leaksIn(texts), [])
    assert.isEmpty(texts.filter(({ text }) => sessions.some((id) => text.includes(id))))
  })
})

type Found = { readonly id: string; readonly run: string; readonly key: string }

/** The world knows paths of files; the last part is the key. */
function keyOf(recording: { readonly path: string } | undefined): string {
  return recording?.path.split('/').at(-1) ?? ''
}
