import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { test } from '@japa/runner'
import { Unavailable } from '@worksight/agent-core'
import { temporaryFolder } from '@worksight/agent-core/testing'
import { SERVICE_ACCOUNT } from '@worksight/agent-core/testing/drive_emulator'
import { readKeyFile } from './key_file.ts'

const KEY = JSON.stringify(SERVICE_ACCOUNT)
const REPOSITORY = resolve(import.meta.dirname, '../..')

test.group('The key file of an agent', (group) => {
  let folder = ''
  group.each.setup(async () => {
    const { path, remove } = await temporaryFolder()
    folder = path
    return remove
  })
  const write = async (text: string, mode = 0o600, name = 'key.json') => {
    const path = join(folder, name)
    await writeFile(path, text)
    await chmod(path, mode)
    return path
  }
  const refusalOf = (path: string): string => {
    try {
      readKeyFile(path)
      return ''
    } catch (error) {
      return error instanceof Unavailable ? `${error.state} ${error.message}` : String(error)
    }
  }

  test('is read where its owner alone can', async ({ assert }) => {
    const { client_email: account } = readKeyFile(await write(KEY))

    assert.equal(account, SERVICE_ACCOUNT.client_email)
  })

  for (const mode of [0o644, 0o640, 0o604, 0o620, 0o660, 0o610]) {
    test(`is refused with mode ${mode.toString(8)}`, async ({ assert }) => {
      assert.match(
        refusalOf(await write(KEY, mode)),
        new RegExp(`^permission .*chmod 600 .*, found mode ${mode.toString(8)}$`)
      )
    })
  }

  test('is refused inside this checkout, also by a link', async ({ assert }) => {
    const link = join(folder, 'link.json')
    await symlink(join(REPOSITORY, 'package.json'), link)

    assert.match(refusalOf(join(REPOSITORY, 'package.json')), /outside every checkout/)
    assert.match(refusalOf(link), /outside every checkout/)
  })

  test('is refused inside any other checkout', async ({ assert }) => {
    await mkdir(join(folder, '.git'))
    await mkdir(join(folder, 'deep/er'), { recursive: true })

    assert.match(refusalOf(await write(KEY, 0o600, 'deep/er/key.json')), /outside every checkout/)
  })

  test('is refused when it is no key, and the refusal quotes nothing of it', async ({ assert }) => {
    const text = `{"private_key": "${'secret'.repeat(3)}`
    const refusals = [
      refusalOf(await write(text, 0o600, 'torn.json')),
      refusalOf(await write('{"type": "authorized_user"}', 0o600, 'user.json')),
      refusalOf(await write('null', 0o600, 'null.json')),
      refusalOf(await write(JSON.stringify({ ...SERVICE_ACCOUNT, private_key: 'x' }), 0o600, 'x')),
      refusalOf(join(folder, 'missing.json')),
      refusalOf('key.json'),
      refusalOf(folder),
    ]

    refusals.forEach((refusal) => assert.match(refusal, /^unavailable /))
    assert.notInclude(refusals.join(), 'secretsecret')
  })
})
