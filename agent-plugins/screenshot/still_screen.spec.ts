import { execFile, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { FakeAgent, startXvfb } from '@worksight/agent-core/testing'
import sharp from 'sharp'
import { Screenshot } from './main.ts'
import { openTextWindow } from './testing/main.ts'
import { X11Source } from './x11_source.ts'

const run = promisify(execFile)
const LOOKS = ['-fa', 'DejaVu Sans Mono', '-fs', '16', '-bg', 'white', '-fg', 'black', '+sb']

/** The screen as soon as it is another than `before`, no blank one, and stands still for half a second. */
async function settled(source: X11Source, before: string | null): Promise<string> {
  const look = async () => {
    const [frame] = await source.capture(AbortSignal.timeout(50_000))
    const { data } = frame ?? { data: Buffer.alloc(0) }
    return data.some((byte) => byte === 0xff) ? hash('sha256', data) : before
  }
  let last: string | null = null
  for (let same = 0; same < 5; ) {
    await sleep(100)
    const now = await look()
    same = now !== before && now === last ? same + 1 : 0
    last = now
  }
  return last ?? ''
}

test.group('A real screen that stands still', () => {
  test('ten looks store one picture; a window that opens and a word that is typed are stored', async ({
    assert,
    cleanup,
  }) => {
    const xvfb = await startXvfb({ width: 1024, height: 768 })
    cleanup(() => xvfb.stop())
    const env = { ...process.env, DISPLAY: xvfb.name, XAUTHORITY: '' }
    const place = ['-geometry', '34x6+20+20', '-T', 'Notes', ...LOOKS]
    const terminal = spawn('xterm', [...place, '-e', 'cat'], { env, stdio: 'ignore' })
    cleanup(async () => {
      const gone = once(terminal, 'exit')
      terminal.kill('SIGKILL')
      await gone
    })
    const xdotool = (...args: string[]) => run('xdotool', args, { env })
    await xdotool('search', '--sync', '--onlyvisible', '--name', '^Notes$', 'windowfocus')
    const watcher = new X11Source(xvfb.name)
    cleanup(() => watcher.close())
    const written = await settled(watcher, null)
    const agent = new FakeAgent()
    new Screenshot({}, { choose: async () => new X11Source(xvfb.name), env: {} }).apply(agent)
    await agent.start()
    cleanup(() => agent.stop())

    for (let look = 0; look < 10; look += 1) {
      await agent.turn()
    }
    const still = [...agent.kinds]
    const other = await openTextWindow(xvfb.name, {
      ...{ app: 'Mail', title: 'Mail', x: 520, y: 420, text: 'Dear all' },
    })
    cleanup(() => other.close())
    await agent.turn()
    await agent.turn()
    const before = await settled(watcher, written)
    await xdotool('type', '--delay', '10', 'Invoice 4711')
    await settled(watcher, before)
    await agent.turn()

    assert.deepEqual(still, ['screenshot', ...Array<string>(9).fill('unchanged_screen')])
    assert.deepEqual(agent.kinds.slice(10), ['screenshot', 'unchanged_screen', 'screenshot'])
    const stored = agent.recorded.filter(({ observation }) => observation.kind === 'screenshot')
    const sizes = await Promise.all(
      stored.map(async ({ payload }) => {
        const { width, height } = await sharp(payload ?? Buffer.alloc(0)).metadata()
        return `${width}×${height}`
      })
    )
    assert.deepEqual(sizes, ['1024×768', '1024×768', '1024×768'])
  }).timeout(60_000)
})
