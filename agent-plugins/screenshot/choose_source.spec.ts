import { test } from '@japa/runner'
import { candidates, chooseSource, type MakeSource } from './choose_source.ts'
import { ScreenUnavailable } from './screen_source.ts'
import { FakeScreen, fakeFrame, type FakeShot } from './testing/fake_screen.ts'

const soon = () => AbortSignal.timeout(50_000)
const PICTURE = [fakeFrame('#336699')]
const MISSING = new ScreenUnavailable('unavailable', 'No tool.')
const FORBIDDEN = new ScreenUnavailable('permission', 'Not allowed.')

/** Makes fake sources by name, each of which shows what it is given; keeps what was made. */
function screens(shots: Readonly<Record<string, FakeShot>>) {
  const made: FakeScreen[] = []
  const make: MakeSource = (name) => {
    const screen = new FakeScreen([shots[name] ?? []], { name })
    made.push(screen)
    return screen
  }
  return { make, made }
}

test.group('candidates', () => {
  test('in a session of {session} with {env} are {expected}')
    .with([
      {
        session: 'x11',
        env: { DISPLAY: ':0' },
        expected: ['x11', 'screenshot-desktop', 'node-screenshots', 'ffmpeg'],
      },
      { session: 'wayland', env: { DISPLAY: ':99' }, expected: ['x11'] },
      { session: 'wayland', env: {}, expected: [] },
      { session: 'macos', env: {}, expected: ['screenshot-desktop'] },
      { session: 'windows', env: {}, expected: ['node-screenshots', 'screenshot-desktop'] },
      { session: 'headless', env: {}, expected: [] },
    ] as const)
    .run(({ assert }, { session, env, expected }) => {
      assert.deepEqual(candidates(session, env), [...expected])
    })
})

test.group('chooseSource', () => {
  const X11 = { DISPLAY: ':0' }

  test('takes the first that gives a picture', async ({ assert }) => {
    const { make, made } = screens({ 'x11': PICTURE, 'screenshot-desktop': PICTURE })

    const source = await chooseSource('auto', soon(), make, X11, 'linux')

    assert.equal(source.name, 'x11')
    assert.lengthOf(made, 1)
  })

  test('takes the next one when the first gives none, and closes the first', async ({ assert }) => {
    const { make, made } = screens({ 'x11': MISSING, 'screenshot-desktop': PICTURE })

    const source = await chooseSource('auto', soon(), make, X11, 'linux')

    assert.equal(source.name, 'screenshot-desktop')
    assert.equal(made[0]?.closed, 1)
  })

  test('takes the one that is named, and no other', async ({ assert }) => {
    const { make, made } = screens({ 'x11': PICTURE, 'screenshot-desktop': MISSING })

    await assert.rejects(
      () => chooseSource('screenshot-desktop', soon(), make, X11, 'linux'),
      'No tool.'
    )
    assert.lengthOf(made, 1)
  })

  test('says what each of them lacks, and waits for permission where one does', async ({
    assert,
  }) => {
    const { make } = screens({ 'x11': FORBIDDEN, 'screenshot-desktop': MISSING })

    const error = await chooseSource('auto', soon(), make, X11, 'linux').catch((thrown) => thrown)

    assert.containSubset(error, {
      state: 'permission',
      message: 'Not allowed. No tool. node-screenshots sees no display. ffmpeg sees no display.',
    })
  })

  test('says that a source without a display sees none', async ({ assert }) => {
    const { make } = screens({ x11: [] })

    await assert.rejects(() => chooseSource('x11', soon(), make, X11, 'linux'), /sees no display/)
  })

  test('never simulates by itself, and says what is missing: {why}')
    .with([
      { env: {}, why: /no display here/ },
      { env: { WAYLAND_DISPLAY: 'wayland-0' }, why: /Wayland session cannot be seen/ },
    ])
    .run(async ({ assert }, { env, why }) => {
      const { make, made } = screens({ simulated: PICTURE })

      await assert.rejects(() => chooseSource('auto', soon(), make, env, 'linux'), why)
      assert.isEmpty(made)
    })

  test('simulates when it is told to', async ({ assert }) => {
    const source = await chooseSource('simulated', soon(), undefined, {}, 'linux')

    assert.isTrue(source.simulated)
  })

  test('passes on what nobody expected', async ({ assert }) => {
    const { make } = screens({ x11: new Error('a bug') })

    await assert.rejects(() => chooseSource('auto', soon(), make, X11, 'linux'), 'a bug')
  })
})
