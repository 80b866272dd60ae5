import { DiskError, type Placement, type StorageDisk } from '#services/storage/disk'
import { makeAgent, makeUser } from '#tests/support/people'
import { cleanDatabase } from '#tests/support/clean'
import { uuidv7 } from '#tests/support/observations'
import { test } from '@japa/runner'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

type Opened = { readonly disk: StorageDisk; stop(): Promise<void> }

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

export function placementOf(
  agentId: number,
  bytes: Buffer,
  changes: Partial<Placement> = {}
): Placement {
  return {
    id: uuidv7(),
    kind: 'recording',
    agentId,
    site: 'default',
    person: "Dana O'Neill",
    capturedAt: Date.parse('2026-11-22T10:00:00Z'),
    mediaType: 'video/mp4',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...changes,
  }
}

/** What every disk does, whatever stands behind it. */
export function storageConformance(name: string, open: () => Promise<Opened>) {
  test.group(`Storage | ${name}`, (group) => {
    cleanDatabase(group)
    let opened: Opened
    let folder = ''
    let agentId = 0
    group.each.setup(async () => {
      folder = await mkdtemp(join(tmpdir(), 'worksight-disk-'))
      agentId = (await makeAgent(await makeUser('member'))).agent.id
      opened = await open()
      return async () => {
        await opened.stop()
        await rm(folder, { recursive: true, force: true })
      }
    })
    const put = async (bytes: Buffer, changes: Partial<Placement> = {}) => {
      const path = join(folder, 'source')
      await writeFile(path, bytes)
      const placement = placementOf(agentId, bytes, changes)
      return { placement, key: await opened.disk.put(path, placement) }
    }

    for (const size of [1, 262_143, 262_144, 262_145, 9_000_000]) {
      test(`keeps ${size} bytes and gives them back equal`, async ({ assert }) => {
        const bytes = randomBytes(size)

        const { key, placement } = await put(bytes)

        assert.isTrue(bytes.equals(await bytesOf(await opened.disk.read(key))))
        assert.deepEqual(await opened.disk.facts(key), { bytes: size, sha256: placement.sha256 })
        assert.isTrue(await opened.disk.exists(key))
      })
    }

    test('reads ranges, both ends included', async ({ assert }) => {
      const bytes = randomBytes(300_000)
      const { key } = await put(bytes)

      for (const [start, end] of [
        [0, 1],
        [100, 199],
        [262_100, 262_200],
        [299_999, 299_999],
      ] as const) {
        const part = await bytesOf(await opened.disk.read(key, { start, end }))
        assert.isTrue(bytes.subarray(start, end + 1).equals(part), `${start}–${end}`)
      }
    })

    test('keeps one file of an id that comes twice', async ({ assert }) => {
      const bytes = randomBytes(1000)
      const { key, placement } = await put(bytes)

      const again = await opened.disk.put(join(folder, 'source'), placement)

      assert.equal(again, key)
      assert.deepEqual(
        (await Array.fromAsync(opened.disk.list())).map((file) => [file.key, file.bytes]),
        [[key, 1000]]
      )
    })

    test('lists a file in the very millisecond it was written', async ({ assert }) => {
      for (let round = 1; round <= 50; round += 1) {
        await put(randomBytes(10))
        assert.lengthOf(await Array.fromAsync(opened.disk.list()), round)
      }
    })

    test('lists everything it keeps, and when that was written', async ({ assert }) => {
      const before = Date.now()
      const keys = [
        (await put(randomBytes(10))).key,
        (await put(randomBytes(20), { kind: 'screenshot', mediaType: 'image/webp' })).key,
        (await put(randomBytes(30), { capturedAt: Date.parse('2026-11-23T10:00:00Z') })).key,
      ]

      const listed = await Array.fromAsync(opened.disk.list())

      assert.sameMembers(
        listed.map(({ key }) => key),
        keys
      )
      assert.sameMembers(
        listed.map(({ bytes }) => bytes),
        [10, 20, 30]
      )
      assert.isTrue(listed.every(({ writtenAt }) => writtenAt > before - 60_000))
    })

    test('removes a file, and one that is gone without a word', async ({ assert }) => {
      const { key } = await put(randomBytes(1000))

      await opened.disk.remove(key)
      await opened.disk.remove(key)

      assert.isFalse(await opened.disk.exists(key))
      assert.isNull(await opened.disk.facts(key))
      assert.lengthOf(await Array.fromAsync(opened.disk.list()), 0)
    })

    test('says that a file is missing when it is read', async ({ assert }) => {
      const { key } = await put(randomBytes(1000))
      await opened.disk.remove(key)

      const error = await opened.disk.read(key).then(
        () => null,
        (caught: unknown) => caught
      )

      assert.instanceOf(error, DiskError)
      assert.equal((error as DiskError).code, 'E_DISK_MISSING')
    })

    test('passes its own check and leaves nothing of it', async ({ assert }) => {
      const steps = await Array.fromAsync(opened.disk.check())

      assert.isAbove(steps.length, 0)
      assert.deepEqual(
        steps.filter(({ isOk }) => !isOk),
        []
      )
      assert.lengthOf(await Array.fromAsync(opened.disk.list()), 0)
    })
  })
}
