import { heartbeat } from '#tests/support/observations'
import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'
import Sqlite from 'better-sqlite3'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Made = { readonly token: string }

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** What tells how a server is built: traces, statements, places, names of tables. */
const INSIDES =
  /\n\s+at |node_modules|\bselect\b|\binsert into\b|SQLITE|no such table|\.ts:\d|sqlite/i

test.group('What a server in production says', (group) => {
  let world: World
  let owner: { email: string; password: string }
  let code: string
  let key: string

  group.setup(async () => {
    world = await World.make({ LOG_LEVEL: 'trace' })
    const setUp = await world.setUp()
    owner = setUp.owner
    code = setUp.enrolment_code
    key = setUp.sign_in_key
    await world.startServer()
    return () => world.end()
  })

  const call = (path: string, init: RequestInit & { token?: string } = {}) =>
    fetch(`${world.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(init.token ? bearer(init.token) : {}), ...init.headers },
    })
  const json = (body: object, token?: string) => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    ...(token ? { token } : {}),
  })

  test('its database and its log hold no token, code or password', async ({ assert }) => {
    const { token: person } = await world.run<Made>('token:create', '--email', owner.email)
    const enrolled = await call(
      '/api/enrolments',
      json({ code, host: 'laptop', platform: 'linux', agent_version: '1' })
    )
    const { token: agent } = (await enrolled.json()) as Made
    assert.equal((await call('/api/heartbeats', json(heartbeat(1), agent))).status, 201)
    assert.equal((await call('/api/agents', { token: person })).status, 200)
    assert.equal((await call(`/welcome?key=${key}`)).status, 302)
    await call('/api/heartbeats', json({ ...heartbeat(2), seq: 'x' }, agent))
    await call('/api/agents', { token: agent })
    await call('/api/agents', { token: `${person}0` })
    await call('/login', {
      method: 'POST',
      body: new URLSearchParams({ email: owner.email, password: owner.password }),
    })

    const files = ['database.sqlite', 'database.sqlite-wal', 'server.log']
      .map((name) => join(world.folder, name))
      .filter(existsSync)
    const dump = files.map((file) => readFileSync(file, 'latin1')).join('\n')

    assert.isAtLeast(files.length, 2)
    assert.include(dump, owner.email)
    for (const secret of [person, agent, code, key, owner.password]) {
      assert.isAbove(secret.length, 11)
      assert.notInclude(dump, secret.split('.').at(-1) ?? secret)
    }
  })

  test('an error of its own tells nothing of how it is built', async ({ assert }) => {
    const { token } = await world.run<Made>('token:create', '--email', owner.email)
    assert.equal((await call('/api/teams', json({ name: 'Red' }, token))).status, 201)
    const database = new Sqlite(join(world.folder, 'database.sqlite'))
    database.exec('drop table team_managers')
    database.close()

    const answer = await call('/api/teams', { token })
    const { error } = (await answer.json()) as { error: Record<string, unknown> }
    const log = () => readFileSync(join(world.folder, 'server.log'), 'utf8')
    await until(() => log().includes(String(error.id)), 'the log has the error by its number')

    assert.equal(answer.status, 500)
    assert.equal(error.code, 'E_INTERNAL')
    assert.notMatch(JSON.stringify(error), INSIDES)
    assert.notInclude(JSON.stringify(error), 'team_managers')
    assert.notInclude(JSON.stringify(error), world.folder)
    assert.include(log(), 'team_managers')
  })

  test('there is no page for those who look for mistakes', async ({ assert }) => {
    for (const path of [
      '/debug',
      '/__debug',
      '/metrics',
      '/phpinfo.php',
      '/.env',
      '/.git/config',
    ]) {
      const answer = await call(path)
      assert.equal(answer.status, 404, path)
      assert.notMatch(await answer.text(), INSIDES, path)
    }
  })
})

test.group('A server that nobody set up', (group) => {
  let world: World

  group.setup(async () => {
    world = await World.make()
    return () => world.end()
  })

  test('has commands that say so with 3, and a doctor that names the next one', async ({
    assert,
  }) => {
    const list = await world.aceCommand('user:list', '--json')
    const doctor = await world.aceCommand('worksight:doctor')

    assert.equal(list.code, 3)
    assert.equal(list.stdout, '')
    assert.include(list.stderr, 'node ace migration:run --force')
    assert.notMatch(list.stderr, INSIDES)
    assert.equal(doctor.code, 8)
    assert.equal(doctor.stdout.trim().split('\n').at(-1), 'node ace migration:run --force')
  })

  test('has no account after its migrations, and lets nobody in', async ({ assert }) => {
    assert.equal((await world.aceCommand('migration:run', '--force')).code, 0)
    const { users } = await world.run<{ users: unknown[] }>('user:list')
    await world.startServer()
    const page = await fetch(`${world.url}/`, { redirect: 'manual' })

    assert.deepEqual(users, [])
    assert.equal(page.headers.get('location'), '/login')
  })
})
