import { checkout, folder, history, leaksIn, packed } from '#tests/support/secrets'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = app.makePath()

test.group('Credentials', () => {
  test('are in no file of the repository', ({ assert }) => {
    assert.deepEqual(leaksIn(checkout(ROOT)), [])
  })

  test('are nowhere in its history', ({ assert }) => {
    assert.deepEqual(leaksIn(history(ROOT)), [])
  })

  test('are in no package of the agent and its plugins', ({ assert }) => {
    const files = [...packed(ROOT, ['--workspaces'])]

    assert.isTrue(files.some(({ where }) => where.includes('drive-upload')))
    assert.isAbove(files.length, 100)
    assert.deepEqual(leaksIn(files), [])
  }).timeout(60_000)
})

/** Credentials as they are given out, made up anew in each run. */
const PLANTED: readonly (readonly [what: string, file: string, make: () => string])[] = [
  [
    'a key of a service account',
    'drive-credentials.json',
    () => JSON.stringify({ type: 'service_account', private_key: privateKey() }),
  ],
  ['a private key', 'notes.txt', privateKey],
  ['a refresh token', 'token.json', () => `{"refresh_token": "${word(40)}"}`],
  ['a refresh token', 'setup.md', () => `Use 1//0${word(40)} to connect.`],
  ['an access token of Google', 'run.sh', () => `curl -H "Authorization: Bearer ya29.${word(60)}"`],
  ['a secret of an OAuth client', 'config.ts', () => `const secret = 'GOCSPX-${word(28)}'`],
]

test.group('A planted credential is found', (group) => {
  let place = ''
  group.each.setup(async () => {
    place = await mkdtemp(join(tmpdir(), 'worksight-planted-'))
    return () => rm(place, { recursive: true, force: true })
  })
  const git = (...args: string[]) => {
    const who = ['-c', 'user.name=Dana', '-c', 'user.email=dana@example.test']
    execFileSync('git', [...who, ...args], { cwd: place, stdio: 'ignore' })
  }

  for (const [what, file, make] of PLANTED) {
    test(`in a file that waits to be added: ${what} in ${file}`, async ({ assert }) => {
      git('init')
      await writeFile(join(place, file), make())

      assert.deepInclude(leaksIn(checkout(place)), { where: file, what })
    })

    test(`in a commit that a later one takes back: ${what} in ${file}`, async ({ assert }) => {
      git('init')
      await writeFile(join(place, file), make())
      git('add', '.')
      git('commit', '-m', 'one')
      git('rm', file)
      git('commit', '-m', 'two')

      assert.deepEqual(leaksIn(checkout(place)), [])
      assert.isTrue(
        leaksIn(history(place)).some((leak) => leak.what === what && leak.where.endsWith(file))
      )
    })

    test(`in a log: ${what}`, async ({ assert }) => {
      const line = JSON.stringify({ level: 30, msg: make() })
      await writeFile(join(place, 'agent.log'), `{"level":30,"msg":"started"}\n${line}\n`)

      assert.deepInclude(leaksIn(folder(place)), { where: 'agent.log', what })
    })
  }

  test('in each file of a package', async ({ assert }) => {
    await mkdir(join(place, 'src'))
    await writeFile(
      join(place, 'package.json'),
      '{"name": "planted", "version": "1.0.0", "description": "-", "license": "UNLICENSED"}'
    )
    for (const [, file, make] of PLANTED) {
      await writeFile(join(place, 'src', file), make())
    }

    const leaks = leaksIn(packed(place))

    for (const [what, file] of PLANTED) {
      assert.isTrue(leaks.some((leak) => leak.what === what && leak.where.endsWith(file)))
    }
  }).timeout(30_000)

  test('in the message of a commit', async ({ assert }) => {
    git('init')
    git('commit', '--allow-empty', '-m', `Sign in with 1//0${word(40)}`)

    assert.lengthOf(leaksIn(history(place)), 1)
  })
})

function privateKey(): string {
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return key
}

function word(length: number): string {
  return randomBytes(length).toString('hex').slice(0, length)
}
