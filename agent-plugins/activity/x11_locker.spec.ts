import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@japa/runner'
import { X11Connection } from '@worksight/agent-core/x11'
import { startXvfb, temporaryFolder } from '@worksight/agent-core/testing'
import x11 from 'x11'
import { X11Locker } from './x11_locker.ts'

type Cleanup = (work: () => Promise<void> | void) => void

const SIZE = { width: 640, height: 360 }
const WM_CLASS = 67
const STRING = 31

async function setUp(cleanup: Cleanup) {
  const xvfb = await startXvfb(SIZE)
  const connection = await X11Connection.open(x11, xvfb.name, AbortSignal.timeout(50_000))
  cleanup(async () => {
    connection.close()
    await xvfb.stop()
  })
  return { xvfb, connection, locker: await X11Locker.on(connection) }
}

/** Waits until the locker answers `isLocking`; gives up after fifty seconds. */
async function until(locker: X11Locker, isLocking: boolean): Promise<boolean> {
  const signal = AbortSignal.timeout(50_000)
  while ((await locker.isLocking()) !== isLocking) {
    signal.throwIfAborted()
    await sleep(20)
  }
  return isLocking
}

/** A real locker covers the display, and is ended; what was seen before, meanwhile and after. */
async function seenOf(cleanup: Cleanup, program: string, args: readonly string[]) {
  const { xvfb, locker } = await setUp(cleanup)
  const before = await locker.isLocking()
  const env = { ...process.env, DISPLAY: xvfb.name, XAUTHORITY: '' }
  const child = spawn(program, [...args], { env, stdio: 'ignore' })
  const exit = once(child, 'exit')
  cleanup(async () => {
    child.kill('SIGKILL')
    await exit
  })
  const during = await until(locker, true)
  child.kill('SIGKILL')
  return [before, during, await until(locker, false)]
}

test.group('X11Locker', () => {
  test('i3lock, which tells nobody, is seen while it locks', async ({ assert, cleanup }) => {
    assert.deepEqual(await seenOf(cleanup, 'i3lock', ['--nofork']), [false, true, false])
  })

  test('slock, whose window has no class, is seen by its program', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const slock = join(path, 'slock')
    await copyFile('/usr/bin/slock', slock) // without capabilities that a container may not give
    await chmod(slock, 0o755)

    assert.deepEqual(await seenOf(cleanup, slock, []), [false, true, false])
  }).skip(process.getuid?.() !== 0, 'slock reads the password of its user, which takes root here')

  test('a window {what} is a lock: {isLocking}')
    .with([
      { what: 'of i3lock', name: 'i3lock', inset: 0, managed: false, isLocking: true },
      { what: 'of xsecurelock', name: 'xsecurelock', inset: 1, managed: false, isLocking: true },
      { what: 'of a player', name: 'Player', inset: 0, managed: false, isLocking: false },
      { what: 'without a name', name: null, inset: 0, managed: false, isLocking: false },
      { what: 'of a part', name: 'i3lock', inset: 2, managed: false, isLocking: false },
      { what: 'with a frame', name: 'i3lock', inset: 0, managed: true, isLocking: false },
    ])
    .run(async ({ assert, cleanup }, { name, inset, managed, isLocking }) => {
      const { connection, locker } = await setUp(cleanup)
      const { client, screen } = connection
      const window = client.AllocID()
      const area = [inset, inset, SIZE.width - 2 * inset, SIZE.height - 2 * inset] as const
      client.CreateWindow(window, screen.root, ...area, 0, 0, x11.InputOutput, 0, {
        overrideRedirect: !managed,
      })
      if (name !== null) {
        const text = Buffer.from(`instance\0${name}\0`)
        client.ChangeProperty(0, window, WM_CLASS, STRING, 8, text)
      }
      client.MapWindow(window)

      assert.equal(await locker.isLocking(), isLocking)
    })
})
