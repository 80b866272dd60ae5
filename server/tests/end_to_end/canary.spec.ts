import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'
import Sqlite from 'better-sqlite3'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

const TITLE = 'canary-title-8c1f'
const KEYS = 'canarykeys5d2a'
const CLIPBOARD = 'canary-clipboard-77e0'

/** Where an agent may keep its own token: readable to its user alone. */
const IDENTITY = 'agent/identity.json'

/** Files of the world that hold the text, as UTF-8 or UTF-16. */
function filesWith(world: World, text: string): string[] {
  const needles = [Buffer.from(text), Buffer.from(text, 'utf16le')]
  return readdirSync(world.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path)
      return needles.some((needle) => bytes.includes(needle))
    })
    .map((path) => relative(world.folder, path))
}

/** Windows that the server knows of, by application. */
function windows(world: World) {
  const database = new Sqlite(join(world.folder, 'database.sqlite'), { readonly: true })
  try {
    return database.prepare("select app, title from activities where kind = 'window'").all() as {
      app: string
      title: string | null
    }[]
  } finally {
    database.close()
  }
}

test.group('What must stand nowhere', (group) => {
  let world: World
  let owner: { email: string; password: string }
  let code: string

  group.setup(async () => {
    // What the server says at the lowest level of its log counts too.
    world = await World.make({ LOG_LEVEL: 'trace' })
    ;({ owner, enrolment_code: code } = await world.setUp())
    await world.startDisplay(1024, 768)
    await world.startServer()
    await world.enrol(code)
    return () => world.end()
  })

  test('a title that the policy does not allow, keys, clipboard, tokens and passwords are on no disk and in no log', async ({
    assert,
    cleanup,
  }) => {
    const env = { ...process.env, DISPLAY: world.display, XAUTHORITY: '', LC_ALL: 'C.UTF-8' }
    const manager = spawn('openbox', [], { env, stdio: 'ignore' })
    const terminal = spawn('xterm', ['-T', TITLE, '-e', 'cat > /dev/null'], {
      env,
      stdio: 'ignore',
    })
    const clip = spawn('xclip', ['-selection', 'clipboard', '-loops', '0', '-quiet'], {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    clip.stdin.end(CLIPBOARD)
    cleanup(async () => {
      for (const child of [terminal, clip, manager]) {
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }
    })
    const xdotool = (...args: string[]) => run('xdotool', args, { env })
    await until(
      () =>
        xdotool('search', '--name', TITLE).then(
          () => true,
          () => false
        ),
      'the terminal is there'
    )
    const { stdout: id } = await xdotool('search', '--name', TITLE)
    await xdotool('windowactivate', '--sync', id.trim().split('\n')[0] as string)
    world.startAgent()
    await until(() => world.screenshots().length > 0, 'a screenshot is on the server')
    await xdotool('type', '--delay', '5', KEYS)
    await wait(3_000)
    const token = await world.token()
    await fetch(`${world.url}/api/agents/me`, { headers: { authorization: `Bearer ${token}` } })
    const form = new URLSearchParams({ email: owner.email, password: owner.password })
    await fetch(`${world.url}/login`, { method: 'POST', body: form, redirect: 'manual' })
    assert.equal(await world.stopAgent(), 0)
    assert.equal(await world.stopServer(), 0)

    assert.include(
      windows(world).map(({ app }) => app),
      'XTerm'
    )
    assert.isTrue(windows(world).every(({ title }) => title === null))
    for (const text of [TITLE, KEYS, CLIPBOARD, owner.password, code]) {
      assert.deepEqual(filesWith(world, text), [], text.slice(0, 12))
    }
    assert.deepEqual(filesWith(world, token), [IDENTITY])
  }).timeout(90_000)

  test('the search finds what does stand somewhere', ({ assert }) => {
    assert.isNotEmpty(filesWith(world, 'XTerm'))
    assert.isNotEmpty(filesWith(world, owner.email))
  })
})
