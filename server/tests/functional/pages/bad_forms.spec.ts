import Team from '#models/team'
import { createCategory } from '#services/categories/store'
import { Caller } from '#tests/support/cluster'
import { emptyTables } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import { uuidv7 } from '#tests/support/observations'
import limiter from '@adonisjs/limiter/services/main'
import app from '@adonisjs/core/services/app'
import router from '@adonisjs/core/services/router'
import { test } from '@japa/runner'
import { readdirSync, readFileSync } from 'node:fs'

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 2000

/** A night sends all of it, anybody else what found the most. */
const isLong = process.env.WORKSIGHT_TEST_LONG === '1'

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

/** The names of all fields that any form may have, from the validators themselves. */
function fieldNames(): string[] {
  const folder = app.makePath('server/validators')
  const names = readdirSync(folder).flatMap((file) =>
    [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/^ +'?([a-z_]\w*)'?: /gm)].map(
      ([, name = '']) => name
    )
  )
  return [...new Set([...names, '_method', 'id', 'channel', 'uid'])]
}

const NAMES = fieldNames()
const each = (pair: (name: string) => string) => NAMES.map(pair).join('&')
const every = (value: unknown) => JSON.stringify(Object.fromEntries(NAMES.map((n) => [n, value])))
const same = (value: string) => each((name) => `${name}=${encodeURIComponent(value)}`)

/** What somebody may send to a form: its type, its bytes. The first of them are sent in every run. */
const BODIES: readonly (readonly [what: string, type: string, body: string])[] = [
  ['nothing', FORM, ''],
  ['a word in every field', FORM, same('owner')],
  ['a list in every field', FORM, each((name) => `${name}[]=1&${name}[]=owner`)],
  ['an object in every field', FORM, each((name) => `${name}[a][b]=1`)],
  ['half a character in every field', FORM, each((name) => `${name}=%ff%fe%F0%9F`)],
  ['a number beyond all columns', FORM, same('99999999999999999999999')],
  ['null in every field', JSON_TYPE, every(null)],
  ['a form with a file that breaks off', 'multipart/form-data; boundary=x', '--x\r\nContent-'],
  ['a one in every field', FORM, same('1')],
  ['a day in every field', FORM, same('2026-11-22')],
  ['an identifier in every field', FORM, same(uuidv7())],
  ['blanks in every field', FORM, same('   ')],
  ['five thousand letters in every field', FORM, same('a'.repeat(5000))],
  ['a zero byte in every field', FORM, same('a\0b')],
  ['every field twice', FORM, each((name) => `${name}=1&${name}=2`)],
  ['a field nested a thousand deep', FORM, `name${'[a]'.repeat(1000)}=1`],
  ['fields of the prototype', FORM, '__proto__[a]=1&constructor[prototype][a]=1&name=x'],
  ['a negative number', FORM, same('-1')],
  ['infinity', FORM, same('1e999')],
  ['a formula of SQL', FORM, same(`' or 1=1; drop table users; --`)],
  ['three megabytes', FORM, `name=${'a'.repeat(3_000_000)}`],
  ['half of a surrogate pair in every field', JSON_TYPE, every('abcd\ud800')],
  ['true in every field', JSON_TYPE, every(true)],
  ['an empty object in every field', JSON_TYPE, every({})],
  ['an empty list in every field', JSON_TYPE, every([])],
  ['a list of lists in every field', JSON_TYPE, every([[1], ['a']])],
  ['JSON that is a list', JSON_TYPE, '[]'],
  ['JSON that is null', JSON_TYPE, 'null'],
  ['JSON that breaks off', JSON_TYPE, '{"name": "a'],
  [
    'a file in the place of a name',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="name"; filename="../../a"\r\n\r\na\r\n--x--\r\n',
  ],
  ['bytes without a type', 'application/octet-stream', '\u0000\u0001'],
]

/** Queries of pages, as odd. */
const QUERIES = [
  each((name) => `${name}[]=1`),
  each((name) => `${name}=%ff`),
  ...['99999999999999999999999', '1', 'a', '-1', '2026-02-31', '\0', `' or 1=1 --`].map(same),
  each((name) => `${name}[a]=1`),
].map((query) => query.replace(/\b_method=[^&]*&?/, ''))

/** What is removed is removed last. */
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE']

test.group('Pages that are sent anything', (group) => {
  let caller: Caller
  let ids: Record<string, number>
  const base = () => `http://127.0.0.1:${process.env.PORT}`

  group.each.setup(async () => {
    await emptyTables()
    await limiter.clear()
    const { email } = await makeUser('owner')
    const dana = await makeUser('member', 'Red')
    const { agent } = await makeAgent(dana)
    ids = {
      agents: agent.id,
      people: dana.id,
      users: dana.id,
      teams: (await Team.findByOrFail('name', 'Red')).id,
      categories: await createCategory({ name: 'Mail', value: 'neutral', parentId: null }),
    }
    caller = new Caller()
    await caller.signIn(base(), email, 'correct-horse-battery')
  })

  /** The address of a page about things that are there. */
  function pathOf(pattern: string): string {
    const [, what = ''] = /(\w+)\/:id/.exec(pattern) ?? []
    const isMedium = /(?:screenshots|recordings)\/:id/.test(pattern)
    return pattern
      .replace(':id', isMedium ? uuidv7() : String(ids[what] ?? 1))
      .replace(':person', String(ids.people))
      .replace(':level', 'organisation')
      .replace(':date', '2026-11-22')
      .replace(':disk', 'local')
      .replace(':key', 'a'.repeat(64))
      .replace(':file', 'swagger-ui.css')
      .replace(/:\w+/, '1')
  }

  const routes = () =>
    Object.values(router.toJSON())
      .flat()
      .filter(({ pattern }) => !pattern.startsWith('/api/') && pattern !== '/__transmit/events')
      .flatMap(({ pattern, methods }) => methods.map((method) => ({ method, pattern })))

  async function ask(path: string, init: RequestInit): Promise<number> {
    const answer = await caller.get(`${base()}${path}`, {
      ...init,
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    await answer.arrayBuffer()
    return answer.status
  }

  test('{0}: every form answers, and none with an error of the server')
    .with(isLong ? [...BODIES] : BODIES.slice(0, 8))
    .run(async ({ assert }, [, type, body]) => {
      const sent = METHODS.flatMap((method) =>
        routes().filter((route) => route.method === method && route.pattern !== '/logout')
      )
      const failed: string[] = []
      for (const { method, pattern } of sent) {
        const status = await ask(pathOf(pattern), {
          method,
          headers: { 'content-type': type },
          body,
        })
        if (status >= 500) {
          failed.push(`${status} ${method} ${pattern}`)
        }
      }
      assert.isAbove(sent.length, 50)
      assert.deepEqual(failed, [])
      assert.equal(await ask('/settings', {}), 200, 'signed in still: the forms were reached')
      assert.notProperty({}, 'a')
    })

  test('every page answers odd queries, and none with an error of the server', async ({
    assert,
  }) => {
    const failed: string[] = []
    for (const { pattern } of routes().filter(({ method }) => method === 'GET')) {
      for (const query of isLong ? QUERIES : QUERIES.slice(0, 3)) {
        const status = await ask(`${pathOf(pattern)}?${query}`, {})
        if (status >= 500) {
          failed.push(`${status} ${pattern}?${query.slice(0, 40)}`)
        }
      }
    }
    assert.deepEqual(failed, [])
  }).timeout(60_000)
})
