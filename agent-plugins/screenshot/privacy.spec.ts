import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { exclusionsOf } from '@worksight/agent-core'
import { FakeAgent, startXvfb } from '@worksight/agent-core/testing'
import sharp from 'sharp'
import { FfmpegSource } from './ffmpeg_source.ts'
import { Screenshot, type ScreenshotOptions } from './main.ts'
import { MASK } from './mask.ts'
import { NodeScreenshotsSource } from './node_screenshots_source.ts'
import type { ScreenSource } from './screen_source.ts'
import { FakeScreen, fakeFrame, openTextWindow, paintWindow } from './testing/main.ts'
import { setMonitors } from './testing/virtual_display.ts'
import { X11Source } from './x11_source.ts'

type Cleanup = (work: () => Promise<void> | void) => void

const TEXT = 'Quarterly report for Dana Reyes'
const SECRET = 'The combination is swordfish'
const VAULT = { app: 'Vault', title: 'Vault of secrets', x: 0, y: 0, text: SECRET }
const NOTES = { app: 'Notes', title: 'Notes', x: 520, y: 200, text: TEXT }

async function desktop(cleanup: Cleanup): Promise<string> {
  const xvfb = await startXvfb({ width: 1100, height: 500 })
  cleanup(() => xvfb.stop())
  return xvfb.name
}

async function agentLookingAt(
  source: ScreenSource,
  options: Partial<ScreenshotOptions> = {},
  excluded: string | null = 'vault'
): Promise<FakeAgent> {
  const agent = new FakeAgent()
  new Screenshot(options, { choose: async () => source, env: {} }).apply(agent)
  if (excluded !== null) {
    exclusionsOf(agent).set('site', [{ app: excluded, title: null, reason: 'a spec says so' }])
  }
  await agent.start()
  return agent
}

/** What tesseract reads in a picture. */
async function readText(picture: Uint8Array | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'worksight-read-'))
  try {
    const file = join(folder, 'picture.png')
    await writeFile(file, await sharp(picture).png().toBuffer())
    return await new Promise((resolve, reject) => {
      execFile('tesseract', [file, '-', '--psm', '11'], (error, stdout) =>
        error === null ? resolve(stdout.replaceAll(/\s+/g, ' ')) : reject(error)
      )
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The colours in a part of a picture. */
async function coloursIn(
  picture: Uint8Array | undefined,
  area: { left: number; top: number; width: number; height: number }
): Promise<string[]> {
  const data = await sharp(picture).extract(area).removeAlpha().raw().toBuffer()
  const colours = new Set<string>()
  for (let at = 0; at < data.length; at += 3) {
    colours.add(data.subarray(at, at + 3).toString('hex'))
  }
  return [...colours]
}

const SOLID = Buffer.alloc(3, MASK).toString('hex')

test.group('Screenshot | excluded windows', () => {
  test('are one colour in the picture, focused or not, and their neighbour can be read', async ({
    assert,
    cleanup,
  }) => {
    const display = await desktop(cleanup)
    const vault = await openTextWindow(display, VAULT)
    const notes = await openTextWindow(display, NOTES)
    cleanup(async () => {
      await notes.close()
      await vault.close()
    })
    const source = new X11Source(display)
    const agent = await agentLookingAt(source)
    const careless = await agentLookingAt(new X11Source(display), {}, null)

    await agent.turn()
    await careless.turn()
    await agent.stop()
    await careless.stop()

    const [seen] = careless.recorded
    assert.include(await readText(seen?.payload), SECRET)
    const [hidden] = agent.recorded
    const text = await readText(hidden?.payload)
    assert.notInclude(text, 'swordfish')
    assert.include(text, TEXT)
    const inside = { left: 2, top: 2, width: 400, height: 100 }
    assert.deepEqual(await coloursIn(hidden?.payload, inside), [SOLID])
  })

  test('are covered on every display they lie on', async ({ assert, cleanup }) => {
    const display = await desktop(cleanup)
    await setMonitors(display, [
      { name: 'left', x: 0, y: 0, width: 600, height: 500 },
      { name: 'right', x: 600, y: 0, width: 500, height: 500 },
    ])
    const vault = await openTextWindow(display, { ...VAULT, x: 500, y: 10 })
    cleanup(() => vault.close())
    const agent = await agentLookingAt(new X11Source(display))

    await agent.turn()
    await agent.stop()

    const [left, right] = agent.recorded
    const onLeft = { left: 505, top: 15, width: 95, height: 80 }
    const onRight = { left: 0, top: 15, width: 200, height: 80 }
    assert.deepEqual(await coloursIn(left?.payload, onLeft), [SOLID])
    assert.deepEqual(await coloursIn(right?.payload, onRight), [SOLID])
  })

  test('stay covered where another window lies over them', async ({ assert, cleanup }) => {
    const display = await desktop(cleanup)
    const vault = await openTextWindow(display, VAULT)
    const over = await paintWindow(display, { x: 50, y: 20, width: 40, height: 40 }, '#ff0000')
    cleanup(async () => {
      over.close()
      await vault.close()
    })
    const agent = await agentLookingAt(new X11Source(display))

    await agent.turn()
    await agent.stop()

    const [hidden] = agent.recorded
    const inside = { left: 2, top: 2, width: 400, height: 100 }
    assert.deepEqual(await coloursIn(hidden?.payload, inside), [SOLID])
  })

  test('without knowing which windows there are no picture is taken, and that becomes a gap', async ({
    assert,
  }) => {
    const screen = new FakeScreen([[fakeFrame('#336699')]])
    const agent = await agentLookingAt(screen)

    screen.shownWindows = null
    await agent.turn()
    agent.seconds += 300
    await agent.turn()
    assert.isEmpty(agent.recorded)
    assert.equal(agent.state, 'degraded')
    assert.match(agent.states.at(-1)?.reason ?? '', /which windows are on the screen/)

    screen.shownWindows = []
    agent.seconds += 300
    await agent.turn()

    assert.deepEqual(agent.kinds, ['gap', 'screenshot'])
    assert.containSubset(agent.recorded[0]?.observation, {
      what: 'screenshot',
      cause: 'excluded',
      from: new Date((agent.seconds - 600) * 1000).toISOString(),
      until: new Date(agent.seconds * 1000).toISOString(),
    })
    assert.equal(agent.state, 'ok')
  })

  test('a window that cannot be read skips the picture', async ({ assert }) => {
    const screen = new FakeScreen([[fakeFrame('#336699')]])
    screen.windows = () => Promise.reject(new Error('Bad window'))
    const agent = await agentLookingAt(screen)

    await agent.turn()

    assert.isEmpty(agent.recorded)
    assert.match(agent.states.at(-1)?.reason ?? '', /could not be read/)
  })
})

test.group('Screenshot | blur', () => {
  test('{blur} blur: tesseract reads nothing of what it reads without')
    .with([{ blur: 'light' }, { blur: 'strong' }] as const)
    .run(async ({ assert, cleanup }, { blur }) => {
      const display = await desktop(cleanup)
      const notes = await openTextWindow(display, NOTES)
      cleanup(() => notes.close())
      const sharpAgent = await agentLookingAt(new X11Source(display))
      const blurred = await agentLookingAt(new X11Source(display), { blur })

      await sharpAgent.turn()
      await blurred.turn()
      await sharpAgent.stop()
      await blurred.stop()

      assert.include(await readText(sharpAgent.recorded[0]?.payload), TEXT)
      const text = await readText(blurred.recorded[0]?.payload)
      const words = TEXT.split(' ').filter((word) => word.length > 2)
      assert.isEmpty(words.filter((word) => text.includes(word)))
      assert.containSubset(blurred.recorded[0]?.observation, { width: 1100, height: 500 })
    })

  test('of a policy holds where it is stronger than the option, and never the other way', async ({
    assert,
  }) => {
    const stripes = fakeFrame('#ffffff', { width: 64, height: 64 })
    for (let row = 0; row < 64; row += 2) {
      stripes.data.fill(0, row * 64 * 3, (row + 1) * 64 * 3)
    }
    const darkest = async (option: 'none' | 'strong', policy: 'none' | 'strong') => {
      const agent = await agentLookingAt(new FakeScreen([[stripes]]), { blur: option })
      const values = { ...agent.policy.values, 'screenshot.blur': policy }
      await agent.follow({ ...agent.policy, values })
      await agent.turn()
      return Math.min(...(await sharp(agent.recorded[0]?.payload).raw().toBuffer()))
    }

    assert.isBelow(await darkest('none', 'none'), 10)
    assert.isAbove(await darkest('none', 'strong'), 60)
    assert.isAbove(await darkest('strong', 'none'), 60)
  })
})

test.group('Screenshot | sources', () => {
  test('x11, ffmpeg and node-screenshots see the same pixels and the same windows', async ({
    assert,
    cleanup,
  }) => {
    const display = await desktop(cleanup)
    const window = await openTextWindow(display, NOTES)
    const before = process.env.DISPLAY
    process.env.DISPLAY = display
    cleanup(async () => {
      delete process.env.DISPLAY
      Object.assign(process.env, before === undefined ? {} : { DISPLAY: before })
      await window.close()
    })
    const sources = [new X11Source(display), new FfmpegSource(display), new NodeScreenshotsSource()]

    const pictures: string[] = []
    for (const source of sources) {
      const agent = await agentLookingAt(source, { format: 'png' }, 'nothing')
      await agent.turn()
      await agent.stop()
      assert.equal(agent.state, 'ok')
      const [recorded] = agent.recorded
      assert.containSubset(recorded?.observation, { source: source.name, width: 1100, height: 500 })
      const pixels = await sharp(recorded?.payload).removeAlpha().raw().toBuffer()
      pictures.push(pixels.toString('base64'))
    }

    assert.equal(new Set(pictures).size, 1)
  })

  test('node-screenshots, which connects once, sees a display that was not there at first', async ({
    assert,
  }) => {
    const told = await inProcess(`
      const { NodeScreenshotsSource } = await import('./node_screenshots_source.ts')
      const { startXvfb } = await import('@worksight/agent-core/testing')
      const source = new NodeScreenshotsSource('linux')
      const look = () => source.capture(AbortSignal.timeout(50_000)).then(
        ([frame]) => frame.width, (error) => error.message)
      const told = []
      for (const display of ['', ':59000']) {
        process.env.DISPLAY = display
        told.push(await look())
      }
      const xvfb = await startXvfb({ width: 320 })
      process.env.DISPLAY = xvfb.name
      told.push(await look())
      console.log(JSON.stringify(told))
      await xvfb.stop()
      process.exit(0)
    `)

    assert.deepEqual(JSON.parse(told), [
      'There is no X display here: DISPLAY is not set.',
      'No X server answers on :59000.',
      320,
    ])
  }).timeout(60_000)

  test('ffmpeg that is not there is a sentence', async ({ assert, cleanup }) => {
    const display = await desktop(cleanup)
    const agent = await agentLookingAt(new FfmpegSource(display, '/nonexistent/ffmpeg'))

    await agent.turn()
    await agent.stop()

    assert.equal(agent.state, 'unavailable')
    assert.match(agent.states.at(-1)?.reason ?? '', /apt install ffmpeg/)
  })
})

test.group('Screenshot | looks', () => {
  test('at a random moment of each interval, where that is wanted', async ({ assert }) => {
    const agent = await agentLookingAt(new FakeScreen(), { timing: 'random' })

    assert.deepEqual(agent.intervals, [{ seconds: 300, jitter: 0.5 }])
  })

  test('a screen that never changes under somebody who works is frozen', async ({ assert }) => {
    const agent = await agentLookingAt(new FakeScreen(), { forceEverySeconds: 1500 })
    const idle = await agent.status()
    agent.status = async () => ({ ...idle, secondsSinceInput: 5 })

    for (let look = 0; look < 6; look++) {
      await agent.turn()
      agent.seconds += 300
    }

    const last = agent.recorded.at(-1)?.observation
    assert.containSubset(last, { kind: 'screenshot', degraded: 'frozen' })
    assert.equal(agent.state, 'degraded')
  })

  test('a screen that never changes while nobody is there is not', async ({ assert }) => {
    const agent = await agentLookingAt(new FakeScreen(), { forceEverySeconds: 1500 })
    const idle = await agent.status()
    agent.status = async () => ({ ...idle, secondsSinceInput: 5000 })

    for (let look = 0; look < 6; look++) {
      await agent.turn()
      agent.seconds += 300
    }

    assert.containSubset(agent.recorded.at(-1)?.observation, {
      kind: 'screenshot',
      degraded: null,
    })
    assert.equal(agent.state, 'ok')
  })

  test('keep a copy of each picture on the machine where that is wanted', async ({
    assert,
    cleanup,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), 'worksight-keep-'))
    cleanup(() => rm(folder, { recursive: true }))
    const agent = await agentLookingAt(new FakeScreen(), { keepLocalDays: 7 })
    agent.dataDir = folder

    await agent.turn()

    const id = agent.recorded[0]?.observation.id ?? ''
    assert.deepEqual(await readdir(join(folder, 'screenshots')), [`${id}.webp`])
  })
})

/** What a program says that runs in a process of its own, from this folder. */
async function inProcess(program: string): Promise<string> {
  const args = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })
  return stdout
}
