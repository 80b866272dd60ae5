import { weaknessOfKey } from '#services/app_key'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { spawnSync } from 'node:child_process'

test.group('APP_KEY', () => {
  test('{key} is refused')
    .with([
      { key: '' },
      { key: 'short-Kq8Zt1' },
      { key: 'please-change-me-please-now' },
      { key: 'your-app-key-goes-right-here' },
      { key: 'abababababababababababababab' },
    ])
    .run(({ assert }, { key }) => {
      assert.isString(weaknessOfKey(key))
    })

  test('a random one is taken', ({ assert }) => {
    assert.isNull(weaknessOfKey('uJ3v-q0XkZ7m_Wc2RtYb9LdH5sPnE8aF'))
  })

  test('a sample one stops the start of the server, and is named', ({ assert }) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import=@poppinss/ts-exec', app.makePath('bin/server.ts')],
      {
        encoding: 'utf8',
        timeout: 20_000,
        env: { ...process.env, NODE_ENV: 'production', APP_KEY: 'please-change-me-please-now' },
      }
    )

    assert.isNotNull(status)
    assert.notEqual(status, 0)
    assert.include(`${stdout}${stderr}`, 'APP_KEY is a sample')
  }).timeout(30_000)
})
