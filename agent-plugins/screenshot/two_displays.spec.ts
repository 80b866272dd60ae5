import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { Activity } from '@worksight/activity'
import {
  acknowledge,
  AgentRuntime,
  defineSite,
  IdentityStore,
  noticeOf,
} from '@worksight/agent-core'
import { FakeServer, startXvfb, temporaryFolder } from '@worksight/agent-core/testing'
import sharp from 'sharp'
import { Screenshot } from './main.ts'
import { MASK } from './mask.ts'
import { openTextWindow } from './testing/main.ts'
import { setMonitors } from './testing/virtual_display.ts'
import { X11Source } from './x11_source.ts'

type Cleanup = (work: () => Promise<void> | void) => void

const run = promisify(execFile)
/** Seconds that each window has the keyboard. */
const IN_FRONT = 3

/** A video that plays without end in a window of 320 × 240 at a place. */
async function playVideo(cleanup: Cleanup, display: string, folder: string, x: number, y: number) {
  const clip = join(folder, 'clip.mp4')
  const made = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10:duration=5']
  await run('ffmpeg', ['-v', 'error', ...made, '-pix_fmt', 'yuv420p', clip])
  const place = ['-left', String(x), '-top', String(y), '-noborder', '-window_title', 'Clip']
  const env = { ...process.env, DISPLAY: display, SDL_RENDER_DRIVER: 'software' }
  const player = spawn('ffplay', ['-v', 'error', '-an', '-loop', '0', ...place, clip], {
    env,
    stdio: 'ignore',
  })
  cleanup(async () => {
    const gone = once(player, 'exit')
    player.kill('SIGKILL')
    await gone
  })
}

/** A desktop of two displays: a terminal on the left, a video and an excluded window on the right. */
async function twoDisplays(cleanup: Cleanup) {
  const xvfb = await startXvfb({ width: 1400, height: 600 })
  const { path, remove } = await temporaryFolder()
  cleanup(async () => {
    await xvfb.stop()
    await remove()
  })
  await setMonitors(xvfb.name, [
    { name: 'left', x: 0, y: 0, width: 700, height: 600 },
    { name: 'right', x: 700, y: 0, width: 700, height: 600 },
  ])
  const windows = [
    { app: 'XTerm', title: 'Ledger', x: 20, y: 20, text: 'Accounts' },
    { app: 'Vault', title: 'Vault', x: 720, y: 320, text: 'swordfish' },
  ]
  for (const window of windows) {
    const opened = await openTextWindow(xvfb.name, window)
    cleanup(() => opened.close())
  }
  await playVideo(cleanup, xvfb.name, path, 900, 20)
  const env = { ...process.env, DISPLAY: xvfb.name }
  const find = (title: string) => ['search', '--sync', '--onlyvisible', '--name', `^${title}$`]
  // a player takes the keyboard when its window comes, and that is late
  await run('xdotool', find('Clip'), { env })
  await sleep(1000)
  const focus = async (title: string) => {
    const move = ['windowfocus', '--sync', 'mousemove_relative', '1', '1']
    await run('xdotool', [...find(title), ...move], { env })
  }
  return { display: xvfb.name, folder: path, focus }
}

test.group('Two displays with a terminal, a playing video and an excluded window', () => {
  test('one picture a display in one group, what stands still once, titles as they were in front', async ({
    assert,
    cleanup,
  }) => {
    const { display, folder, focus } = await twoDisplays(cleanup)
    const server = await FakeServer.start()
    cleanup(() => server.stop())
    const copies = { keepLocalDays: 1, format: 'png' } as const
    const screenshot = new Screenshot(
      { intervalSeconds: 1, jitter: 0, ...copies },
      { choose: async () => new X11Source(display), env: {} }
    )
    const env = process.env.DISPLAY
    process.env.DISPLAY = display
    cleanup(() => {
      process.env.DISPLAY = env ?? ''
    })
    const site = defineSite({
      name: 'spec',
      plugins: [new Activity({ pollSeconds: 0.1, titles: true }, { env: {} }), screenshot],
      exclusions: [{ app: 'Vault', title: null, reason: 'a spec says so' }],
      spool: { minFreeBytes: 0, maxBytes: 1e12 },
    })
    const dataDir = join(folder, 'agent')
    const { url, token } = server
    new IdentityStore(dataDir).save(
      { server: url, agentId: 1, name: 'desk', site: 'spec', person: null, token },
      acknowledge(noticeOf(site), 0)
    )
    const runtime = new AgentRuntime({ site, dataDir })
    cleanup(() => runtime.stop())

    await focus('Ledger')
    await runtime.start()
    await sleep(IN_FRONT * 1000)
    for (const title of ['Clip', 'Vault', 'Ledger']) {
      await focus(title)
      await sleep(IN_FRONT * 1000)
    }
    await runtime.stop()

    const all = [...server.received.values()].map(({ observation }) => observation)
    const shots = all.filter(({ kind }) => kind === 'screenshot' || kind === 'unchanged_screen')
    const groups = Map.groupBy(shots, (shot) => ('capture_group' in shot ? shot.capture_group : ''))
    const whole = [...groups.values()].filter((group) => group.length === 2)
    assert.isAtLeast(whole.length, 6)
    assert.isAtMost(groups.size - whole.length, 1) // the last one may have been cut off
    const of = (id: 'left' | 'right') => {
      const x = id === 'left' ? 0 : 700
      return shots.filter((shot) => 'display' in shot && shot.display.x === x)
    }
    // the terminal stands still but for its cursor, the video never does
    assert.lengthOf(
      of('left').filter(({ kind }) => kind === 'screenshot'),
      1
    )
    assert.lengthOf(
      of('right').filter(({ kind }) => kind === 'unchanged_screen'),
      0
    )

    const [right] = of('right')
    const picture = await sharp(join(dataDir, 'screenshots', `${right?.id}.png`))
      .extract({ left: 24, top: 324, width: 300, height: 80 })
      .removeAlpha()
      .raw()
      .toBuffer()
    assert.deepEqual(new Set(picture), new Set([MASK]))

    const windows = all.filter((event) => event.kind === 'window')
    assert.deepEqual(
      windows.map(({ title }) => title),
      ['Ledger', 'Clip', 'Ledger']
    )
    // a look every 100 ms, a second look while the machine is busy
    for (const { duration_ms: duration } of windows) {
      assert.closeTo(duration, IN_FRONT * 1000, 700)
    }
  }).timeout(90_000)
})
