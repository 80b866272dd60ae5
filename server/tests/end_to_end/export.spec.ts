import { World } from '#tests/support/world'
import { unzip } from '#tests/support/zip'
import Sqlite from 'better-sqlite3'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

test.group('An export of some days', () => {
  test('has the pictures and segments of those days, byte for byte, and no other', async ({
    assert,
    cleanup,
  }) => {
    const world = await World.make()
    cleanup(() => world.end())
    await world.setUp()
    await world.run('demo:seed', '--people=1', '--days=4', '--seed=1', '--until=2026-11-19')
    const database = new Sqlite(join(world.folder, 'database.sqlite'), { readonly: true })
    cleanup(() => database.close())
    const [{ email }] = database.prepare('select email from users where id = 2').all() as [
      { email: string },
    ]
    const inDays = ([from, to]: [string, string]) =>
      database
        .prepare(
          `select id, media_key from screenshots where captured_at >= ? and captured_at < ?
            union select id, media_key from recordings where captured_at >= ? and captured_at < ?`
        )
        .all(...[from, to, from, to].map((at) => Date.parse(at))) as {
        id: string
        media_key: string
      }[]
    // two days in Berlin, each of which begins at 4 o'clock
    const wanted = inDays(['2026-11-17T00:00+01:00', '2026-11-19T00:00+01:00'])
    const out = join(world.folder, 'export.zip')

    const answer = await world.run<{ files: number; missing: string[]; manifest_sha256: string }>(
      'export:person',
      ...[`--person=${email}`, '--from=2026-11-17', '--to=2026-11-18', `--out=${out}`]
    )

    const files = unzip(await readFile(out))
    const media = [...files].filter(([path]) => path.startsWith('media/'))
    const stored = await Promise.all(
      wanted.map(async ({ id, media_key: key }) => [
        id,
        sha256(await readFile(join(world.folder, 'media/files', key))),
      ])
    )
    assert.isAbove(wanted.length, 10)
    assert.sameDeepMembers(
      media.map(([path, bytes]) => [path.split('/').at(-1)?.split('.')[0], sha256(bytes)]),
      stored
    )
    assert.deepInclude(answer, { missing: [], files: files.size - 1 })
    assert.equal(answer.manifest_sha256, sha256(files.get('manifest.json') ?? Buffer.alloc(0)))
  }).timeout(120_000)
})
