import { test } from '@japa/runner'
import { FakeAgent, startXvfb } from '@worksight/agent-core/testing'
import { screenshotValidator } from '@worksight/agent-core/contract/screenshot'
import sharp from 'sharp'
import { Screenshot, ScreenUnavailable, type ScreenshotOptions } from './main.ts'
import { FakeScreen, fakeFrame } from './testing/main.ts'
import { paintWindow } from './testing/virtual_display.ts'
import { X11Source } from './x11_source.ts'

const BLUE = [fakeFrame('#336699')]
const GREEN = [fakeFrame('#339966')]

async function started(screen: FakeScreen, options: Partial<ScreenshotOptions> = {}) {
  const agent = new FakeAgent()
  new Screenshot(options, { choose: screen.choose, env: {} }).apply(agent)
  await agent.start()
  return agent
}

test.group('Screenshot | turn', () => {
  test('records a picture as the contract describes it', async ({ assert }) => {
    const agent = await started(new FakeScreen([BLUE]))

    await agent.turn()

    const [recorded] = agent.recorded
    const observation = await screenshotValidator.validate(recorded?.observation)
    assert.containSubset(observation, {
      kind: 'screenshot',
      width: 64,
      height: 36,
      media_type: 'image/webp',
      bytes: recorded?.payload?.length,
      source: 'fake',
      simulated: false,
      degraded: null,
    })
    assert.equal(agent.state, 'ok')
  })

  test('stores one of ten looks at a still screen and notes the others', async ({ assert }) => {
    const agent = await started(new FakeScreen([BLUE]))

    for (let look = 0; look < 10; look++) {
      await agent.turn()
    }

    const [first, ...others] = agent.recorded.map(({ observation }) => observation)
    assert.equal(first?.kind, 'screenshot')
    assert.lengthOf(others, 9)
    for (const other of others) {
      assert.containSubset(other, { kind: 'unchanged_screen', same_as: first?.id })
    }
  })

  test('stores a screen that changed, and compares with it from then on', async ({ assert }) => {
    const agent = await started(new FakeScreen([BLUE, GREEN, GREEN]))

    await agent.turn()
    await agent.turn()
    await agent.turn()

    assert.deepEqual(agent.kinds, ['screenshot', 'screenshot', 'unchanged_screen'])
    const [, green, unchanged] = agent.recorded.map(({ observation }) => observation)
    assert.containSubset(unchanged, { same_as: green?.id })
  })

  test('a blinking cursor is no change, unless a site wants every pixel: {unchangedTiles}')
    .with([
      { unchangedTiles: 4, kinds: ['screenshot', 'unchanged_screen'] },
      { unchangedTiles: 0, kinds: ['screenshot', 'screenshot'] },
    ])
    .run(async ({ assert }, { unchangedTiles, kinds }) => {
      const size = { width: 640, height: 360 }
      const shown = fakeFrame('#336699', size)
      shown.data.fill(255, 0, 30)
      const screen = new FakeScreen([[fakeFrame('#336699', size)], [shown]])
      const agent = await started(screen, { unchangedTiles })

      await agent.turn()
      await agent.turn()

      assert.deepEqual(agent.kinds, kinds)
    })

  test('stores an unchanged screen again after forceEverySeconds', async ({ assert }) => {
    const agent = await started(new FakeScreen([BLUE]), { forceEverySeconds: 60 })

    await agent.turn()
    agent.seconds += 59
    await agent.turn()
    agent.seconds += 1
    await agent.turn()

    assert.deepEqual(agent.kinds, ['screenshot', 'unchanged_screen', 'screenshot'])
  })

  test('never names a picture that was refused', async ({ assert }) => {
    const agent = await started(new FakeScreen([BLUE]))

    agent.refusal = 'the spool is full'
    await agent.turn()
    agent.refusal = null
    await agent.turn()

    assert.deepEqual(agent.kinds, ['screenshot'])
  })

  test('looks at every display, in one group, and compares each with itself', async ({
    assert,
  }) => {
    const left = fakeFrame('#111188', { display: { id: 'left' } })
    const right = (colour: string) =>
      fakeFrame(colour, { display: { id: 'right', x: 64, primary: false } })
    const agent = await started(
      new FakeScreen([
        [left, right('#881111')],
        [left, right('#118811')],
      ])
    )

    await agent.turn()
    await agent.turn()

    assert.deepEqual(agent.kinds, ['screenshot', 'screenshot', 'unchanged_screen', 'screenshot'])
    const groups = agent.recorded.map(({ observation }) =>
      'capture_group' in observation ? observation.capture_group : null
    )
    assert.equal(groups[0], groups[1])
    assert.equal(groups[2], groups[3])
    assert.notEqual(groups[1], groups[2])
  })

  test('reports a black screen as degraded, and an unchanged black one too', async ({ assert }) => {
    const agent = await started(new FakeScreen([[fakeFrame('#000000')]]))

    await agent.turn()
    assert.containSubset(agent.recorded[0]?.observation, { degraded: 'black' })
    assert.equal(agent.state, 'degraded')

    await agent.turn()
    assert.deepEqual(agent.kinds, ['screenshot', 'unchanged_screen'])
    assert.equal(agent.state, 'degraded')
  })

  test('does not look while something says no, and says who', async ({ assert }) => {
    const screen = new FakeScreen()
    const agent = await started(screen)

    agent.permission = { go: false, by: 'working-hours' }
    await agent.turn()

    assert.equal(screen.captured, 0)
    assert.isEmpty(agent.recorded)
    assert.deepInclude(agent.states.at(-1), { plugin: 'screenshot', state: 'idle' })
    assert.include(agent.states.at(-1)?.reason, 'working-hours')
  })

  test('reports {$self} as its state, and looks again later')
    .with(['unavailable', 'permission'] as const)
    .run(async ({ assert }, state) => {
      const missing = new ScreenUnavailable(state, 'Nothing to see.')
      const agent = await started(new FakeScreen([missing, BLUE]))

      await agent.turn()
      assert.deepEqual(agent.states.at(-1), {
        plugin: 'screenshot',
        state,
        reason: 'Nothing to see.',
      })
      assert.isEmpty(agent.recorded)

      await agent.turn()
      assert.equal(agent.state, 'ok')
      assert.deepEqual(agent.kinds, ['screenshot'])
    })

  test('lets the agent see an unexpected error, and chooses a source anew', async ({ assert }) => {
    const screen = new FakeScreen([new Error('the cable fell out'), BLUE])
    const agent = await started(screen)

    await assert.rejects(() => agent.turn(), 'the cable fell out')
    assert.equal(screen.closed, 1)

    await agent.turn()
    assert.deepEqual(agent.kinds, ['screenshot'])
  })

  test('records nothing after its turn was aborted', async ({ assert }) => {
    const agent = await started(new FakeScreen())

    await assert.rejects(() => agent.turn({ signal: AbortSignal.abort(new Error('stopping')) }))

    assert.isEmpty(agent.recorded)
  })

  test('marks simulated pictures', async ({ assert }) => {
    const agent = await started(new FakeScreen([BLUE], { name: 'simulated', simulated: true }))

    await agent.turn()

    assert.containSubset(agent.recorded[0]?.observation, { source: 'simulated', simulated: true })
  })

  test('tells a heartbeat the displays it saw', async ({ assert }) => {
    const agent = await started(new FakeScreen([BLUE]))
    const draft = { kind: 'heartbeat', system: { displays: [] } } as never

    assert.deepEqual(await agent.hooks.enrich.promise(draft), draft)
    await agent.turn()

    assert.containSubset(await agent.hooks.enrich.promise(draft), {
      system: { displays: [{ id: 'fake', width: 64, height: 36 }] },
    })
  })
})

test.group('Screenshot | options', () => {
  test('are armed with their defaults', async ({ assert }) => {
    const agent = await started(new FakeScreen())

    assert.deepEqual(agent.intervals, [{ seconds: 300, jitter: 0.1 }])
  })

  test('from the environment win over the site file', async ({ assert }) => {
    const env = { WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: '10', WORKSIGHT_SCREENSHOT_SOURCE: 'x11' }

    const { options } = new Screenshot({ intervalSeconds: 300 }, { env })

    assert.containSubset(options, { intervalSeconds: 10, source: 'x11' })
  })

  test('that are wrong are named: {named}')
    .with([
      { given: { intervalSeconds: 0 }, named: 'intervalSeconds' },
      { given: { jitter: 0.6 }, named: 'jitter' },
      { given: { source: 'camera' as never }, named: 'source' },
      { given: { quality: 101 }, named: 'quality' },
      { given: { intervalSeconds: '10' as never }, named: 'intervalSeconds' },
      { given: { quality: 59.5 }, named: 'quality' },
      { given: { maxWidth: -1 }, named: 'maxWidth' },
      { given: { forceEverySeconds: Number.NaN }, named: 'forceEverySeconds' },
    ])
    .run(({ assert }, { given, named }) => {
      let thrown: unknown
      try {
        new Screenshot(given, { env: {} })
      } catch (error) {
        thrown = error
      }
      assert.containSubset(thrown, { code: 'E_INVALID_OPTION' })
      assert.include(String(thrown), named)
    })
})

test.group('Screenshot | notice', () => {
  test('says what is seen, how large and how often', ({ assert }) => {
    const { notice } = new Screenshot({ intervalSeconds: 60, maxWidth: 1280 }, { env: {} })

    assert.match(notice.collects, /every display shows, at most 1280 pixels wide/)
    assert.equal(notice.every, 'every minute')
  })

  test('says that simulated pictures show nothing of the screen', ({ assert }) => {
    const { notice } = new Screenshot({ source: 'simulated' }, { env: {} })

    assert.match(notice.collects, /nothing of this screen/)
  })
})

test.group('Screenshot | on a real display', () => {
  test('the stored picture shows the window that is there', async ({ assert, cleanup }) => {
    const xvfb = await startXvfb({ width: 640, height: 360 })
    cleanup(() => xvfb.stop())
    const window = await paintWindow(
      xvfb.name,
      { x: 100, y: 50, width: 200, height: 100 },
      '#3366cc'
    )
    cleanup(() => window.close())
    const agent = new FakeAgent()
    const plugin = new Screenshot({}, { choose: async () => new X11Source(xvfb.name), env: {} })
    plugin.apply(agent)
    await agent.start()

    await agent.turn()
    await agent.turn()
    await window.paint('#cc6633')
    await agent.turn()
    await agent.stop()

    assert.deepEqual(agent.kinds, ['screenshot', 'unchanged_screen', 'screenshot'])
    assert.equal(await colourAt(agent.recorded[0]?.payload, 150, 100), '#3366cc')
    assert.equal(await colourAt(agent.recorded[0]?.payload, 50, 20), '#000000')
    assert.equal(await colourAt(agent.recorded[2]?.payload, 150, 100), '#cc6633')
    assert.equal(agent.state, 'ok')
  })

  test('an empty display is reported as black', async ({ assert, cleanup }) => {
    const xvfb = await startXvfb()
    cleanup(() => xvfb.stop())
    const agent = new FakeAgent()
    const plugin = new Screenshot({}, { choose: async () => new X11Source(xvfb.name), env: {} })
    plugin.apply(agent)
    await agent.start()

    await agent.turn()
    await agent.stop()

    assert.equal(agent.state, 'degraded')
    assert.containSubset(agent.recorded[0]?.observation, { degraded: 'black' })
  })

  test('stop before start is harmless, and so is stop twice', async ({ assert }) => {
    const agent = new FakeAgent()
    new Screenshot({}, { env: {} }).apply(agent)

    await agent.stop()
    await agent.stop()

    assert.isEmpty(agent.recorded)
  })
})

async function colourAt(picture: Uint8Array | undefined, x: number, y: number): Promise<string> {
  const area = { left: x, top: y, width: 1, height: 1 }
  const pixel = await sharp(picture).extract(area).removeAlpha().raw().toBuffer()
  return `#${pixel.toString('hex')}`
}
