import { makeUser, tokenOf } from '#tests/support/people'
import { cleanDatabase } from '#tests/support/clean'
import { test } from '@japa/runner'
import { request } from 'node:http'

/** Ways to say "the folder above" that some server somewhere believed. */
const UP = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '..%252f',
  '%252e%252e%252f',
  '..\\',
  '..%5c',
  '%2e%2e%5c',
  '....//',
  '..;/',
  '..%00/',
  '..%c0%af',
  '%c0%ae%c0%ae/',
  '..%u2215',
  './..%2f',
]

/** Where files are sent from, and where what stands in the address names something. */
const BELOW = [
  '/',
  '/assets/',
  '/docs/api/files/',
  '/media/screenshots/',
  '/api/screenshots/',
  '/api/recordings/',
]

/** Files that are no business of a visitor. */
const ASKED = ['package.json', '.env', 'adonisrc.ts', 'etc/passwd', 'storage/database.sqlite']

/** Asks for exactly this address; every client library would tidy it up. */
function raw(path: string, token: string): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const headers = { authorization: `Bearer ${token}` }
  request({ host: '127.0.0.1', port: process.env.PORT, path, headers }, (answer) => {
    let text = ''
    answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }))
  })
    .once('error', reject)
    .end()
  return promise
}

test.group('Addresses that climb', (group) => {
  cleanDatabase(group)

  test('reach no file outside of what is served', async ({ assert }) => {
    const token = await tokenOf(await makeUser('owner'))
    const reached: string[] = []
    for (const below of BELOW) {
      for (const up of UP) {
        for (const file of ASKED) {
          const path = `${below}${up.repeat(6)}${file}`
          const { status, text } = await raw(path, token)
          if (
            status < 300 ||
            status >= 500 ||
            /root:x:0|"dependencies"|APP_KEY|SQLite/.test(text)
          ) {
            reached.push(`${status} ${path}`)
          }
        }
      }
    }
    assert.deepEqual(reached, [])
  })

  test('reach none by a whole address or a host of their own either', async ({ assert }) => {
    const token = await tokenOf(await makeUser('owner'))
    for (const path of ['//etc/passwd', '/C:/Windows/win.ini', '/file:///etc/passwd', '/~root/']) {
      const { status, text } = await raw(path, token)
      assert.isTrue(status >= 300 && status < 500, `${status} ${path}`)
      assert.notInclude(text, 'root:x:0')
    }
  })
})
