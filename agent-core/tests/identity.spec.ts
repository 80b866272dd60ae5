import { chmod, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { IdentityStore } from '../src/identity.ts'
import { temporaryFolder } from '../testing/main.ts'

const IDENTITY = {
  server: 'https://x',
  agentId: 1,
  name: 'desk',
  site: 'default',
  person: null,
  token: 'wsa_x',
}
const ACKNOWLEDGEMENT = {
  version: 1,
  text_sha256: 'a',
  acknowledged_at: '2026-01-01T00:00:00Z',
  language: 'en',
}

test.group('IdentityStore', () => {
  test('keeps who the agent is in a file that only its user can read', async ({
    assert,
    cleanup,
  }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const folder = join(path, 'data')
    new IdentityStore(folder).save(IDENTITY, ACKNOWLEDGEMENT)

    const store = new IdentityStore(folder)

    assert.deepEqual(store.identity(), IDENTITY)
    assert.deepEqual(store.acknowledgement(), ACKNOWLEDGEMENT)
    assert.equal((await stat(store.path)).mode & 0o777, 0o600)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
  })

  test('reading makes nothing', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)

    assert.isNull(new IdentityStore(path).identity())
    assert.lengthOf(await readdir(path), 0)
  })

  test('an enrolment without an acknowledgement takes the old one away', async ({
    assert,
    cleanup,
  }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const store = new IdentityStore(path)
    store.save(IDENTITY, ACKNOWLEDGEMENT)

    store.save(IDENTITY, null)

    assert.isNull(store.acknowledgement())
  })

  test('a file that others can read is refused', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const store = new IdentityStore(path)
    store.save(IDENTITY, null)
    await chmod(store.path, 0o644)

    assert.throws(() => store.identity(), /Expected .* \(600\), found 644/)
  })

  test('a file that holds something else is refused: {0}')
    .with([['{'], ['{"identity":{"token":1}}']] as const)
    .run(async ({ assert, cleanup }, [text]) => {
      const { path, remove } = await temporaryFolder()
      cleanup(remove)
      await writeFile(join(path, 'identity.json'), text, { mode: 0o600 })

      assert.throws(() => new IdentityStore(path).identity(), /Expected the identity of an agent/)
    })
})

test.group('Identity | a server that moved', () => {
  test('WORKSIGHT_SERVER takes the place of the address that was enrolled with', async ({
    assert,
    cleanup,
  }) => {
    const { path: folder, remove } = await temporaryFolder()
    cleanup(remove)
    const enrolled = {
      server: 'http://127.0.0.1:3333',
      agentId: 1,
      name: 'laptop',
      site: 'default',
      person: null,
      token: 'wsa_x',
    }
    new IdentityStore(folder).save(enrolled, null)

    const moved = new IdentityStore(folder, 'http://127.0.0.1:3334').identity()

    assert.deepEqual(moved, { ...enrolled, server: 'http://127.0.0.1:3334' })
    assert.deepEqual(new IdentityStore(folder).identity(), enrolled)
  })
})
