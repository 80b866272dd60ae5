import { test } from '@japa/runner'
import { sessionOf } from '../src/session.ts'

test.group('sessionOf', () => {
  test('calls {platform} with {env} {session}')
    .with([
      { platform: 'linux', env: { DISPLAY: ':0' }, session: 'x11' },
      { platform: 'linux', env: { DISPLAY: ':0', XDG_SESSION_TYPE: 'x11' }, session: 'x11' },
      {
        platform: 'linux',
        env: { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0' },
        session: 'wayland',
      },
      { platform: 'linux', env: { XDG_SESSION_TYPE: 'wayland' }, session: 'wayland' },
      { platform: 'linux', env: { XDG_SESSION_TYPE: 'tty' }, session: 'headless' },
      { platform: 'linux', env: { DISPLAY: '' }, session: 'headless' },
      { platform: 'darwin', env: {}, session: 'macos' },
      { platform: 'win32', env: {}, session: 'windows' },
    ] as const)
    .run(({ assert }, { platform, env, session }) => {
      assert.equal(sessionOf(platform, env), session)
    })
})
