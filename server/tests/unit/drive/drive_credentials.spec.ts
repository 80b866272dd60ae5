import { readKeyFile } from '#services/drive/drive_credentials'
import { SERVICE_ACCOUNT } from '@worksight/agent-core/testing/drive_emulator'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const KEY = JSON.stringify(SERVICE_ACCOUNT)

test.group('The key file of a service account', (group) => {
  let folder = ''
  group.each.setup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'worksight-key-'))
    return () => rm(folder, { recursive: true, force: true })
  })
  const write = async (text: string, mode = 0o600) => {
    const path = join(folder, 'key.json')
    await writeFile(path, text)
    await chmod(path, mode)
    return path
  }
  const refusalOf = (path: string) =>
    readKeyFile(path, app.makePath()).then(
      () => '',
      (error: Error) => error.message
    )

  test('is read where only its owner can', async ({ assert }) => {
    const key = await readKeyFile(await write(KEY), app.makePath())

    assert.equal(key.client_email, SERVICE_ACCOUNT.client_email)
  })

  for (const mode of [0o640, 0o604, 0o644, 0o660, 0o777]) {
    test(`is refused with mode ${mode.toString(8)}`, async ({ assert }) => {
      assert.match(await refusalOf(await write(KEY, mode)), /chmod 600/)
    })
  }

  test('is refused inside the checkout, by a link too', async ({ assert }) => {
    const inside = app.makePath(`tmp/key-${process.pid}`)
    await mkdir(inside, { recursive: true })
    const path = join(inside, 'key.json')
    await writeFile(path, KEY, { mode: 0o600 })
    await symlink(path, join(folder, 'link.json'))

    const refusals = [await refusalOf(path), await refusalOf(join(folder, 'link.json'))]
    await rm(inside, { recursive: true })

    assert.isTrue(refusals.every((refusal) => /inside the checkout/.test(refusal)))
  })

  test('is refused where it is missing, no JSON, or no key', async ({ assert }) => {
    assert.match(await refusalOf(join(folder, 'nowhere')), /There is no key file/)
    assert.match(await refusalOf(await write('{')), /is not JSON/)
    assert.match(await refusalOf(await write('{"installed":{}}')), /no key of a service account/)
  })
})
