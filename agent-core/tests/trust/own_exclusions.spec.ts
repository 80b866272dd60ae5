import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import {
  addOwnExclusion,
  ownExclusions,
  removeOwnExclusion,
} from '../../src/trust/own_exclusions.ts'
import { agentProcess, temporaryFolder } from '../../testing/main.ts'

const DIARY = { app: 'diary*', title: null, reason: 'mine' }

test.group('own exclusions', (group) => {
  let dataDir = ''
  group.each.setup(async () => {
    const { path, remove } = await temporaryFolder()
    dataDir = path
    return remove
  })

  test('what a person adds is kept in a file of their own, until they remove it', async ({
    assert,
  }) => {
    addOwnExclusion(dataDir, DIARY)
    addOwnExclusion(dataDir, { ...DIARY, reason: 'still mine' })

    assert.deepEqual(ownExclusions(dataDir), [{ ...DIARY, reason: 'still mine' }])
    assert.equal((await stat(join(dataDir, 'exclusions.json'))).mode & 0o777, 0o600)

    removeOwnExclusion(dataDir, DIARY)
    assert.deepEqual(ownExclusions(dataDir), [])
  })

  test('what is not theirs cannot be removed', ({ assert }) => {
    assert.throws(
      () => removeOwnExclusion(dataDir, { app: 'keepass*', title: null }),
      /Expected an exclusion of your own/
    )
  })

  test('the pattern "{$self}", which stands for everything, is refused')
    .with(['', '*', '* *', '***'])
    .run(({ assert }, app) => {
      assert.throws(
        () => addOwnExclusion(dataDir, { app, title: null, reason: null }),
        /at least one letter/
      )
    })

  test('a damaged file ({$self}) is an error that names it, not an empty list')
    .with(['{', '{}', '[1]', '[{"app":1}]', '[{"app":"*","title":null}]', '[{}]'])
    .run(async ({ assert }, text) => {
      await writeFile(join(dataDir, 'exclusions.json'), text)

      assert.throws(() => ownExclusions(dataDir), /exclusions\.json/)
    })

  test('the command lists the floor, adds, removes, and refuses with exit 2 or 8', async ({
    assert,
  }) => {
    const run = (...args: string[]) =>
      agentProcess(['--data-dir', dataDir, '--json', 'exclusions', ...args]).ended

    const added = await run('add', '--title', '*holiday*', '--reason', 'mine')
    const listed = JSON.parse((await run('list')).stdout) as {
      exclusions: { source: string; title: string | null }[]
    }
    const removed = await run('remove', '--title', '*holiday*')
    const unknown = await run('remove', '--app', 'keepass*')
    const everything = await run('add', '--app', '*')

    assert.equal(added.exit, 0)
    assert.includeMembers(
      listed.exclusions.map(({ source }) => source),
      ['shipped', 'person']
    )
    assert.equal(listed.exclusions.at(-1)?.title, '*holiday*')
    assert.deepEqual(JSON.parse(removed.stdout), { exclusions: [] })
    assert.equal(unknown.exit, 2)
    assert.equal(everything.exit, 8)
    assert.equal(await readFile(join(dataDir, 'exclusions.json'), 'utf8'), '[]\n')
  })
})
