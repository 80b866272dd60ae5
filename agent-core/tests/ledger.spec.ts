import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from '@japa/runner'
import { nodeDisk, type Disk } from '../src/disk.ts'
import { EMPTY_ENTRY, Ledger, MOST_REMOVING, readLedger } from '../src/ledger.ts'
import { UuidSource } from '../src/uuid.ts'
import { temporaryFolder } from '../testing/main.ts'

test.group('Ledger', () => {
  test('begins empty', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)

    const { entry } = await Ledger.open(path, nodeDisk)

    assert.deepEqual(entry, EMPTY_ENTRY)
  })

  test('keeps what was written last', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const ledger = await Ledger.open(path, nodeDisk)
    await ledger.write({ seq: 4, delivered: 3 })
    await ledger.write({ seq: 9 })

    const { entry } = await readLedger(path, nodeDisk)

    assert.containsSubset(entry, { generation: 2, seq: 9, delivered: 3 })
  })

  test('has room for the most ids that leave at once, and stays one size', async ({
    assert,
    cleanup,
  }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const ledger = await Ledger.open(path, nodeDisk)
    const source = new UuidSource(Date.now)
    const removing = Array.from({ length: MOST_REMOVING }, () => source.next())
    const seq = Number.MAX_SAFE_INTEGER

    await ledger.write({ removing, seq, delivered: seq, evicted: seq, lastId: source.last })
    const full = await readFile(join(path, 'ledger.a'))
    await ledger.write({ removing: [] })
    const small = await readFile(join(path, 'ledger.a'))

    assert.equal(full.byteLength, 8192)
    assert.equal(small.byteLength, 8192)
  })

  test('survives whatever happens to one of its files: {0}')
    .with([
      ['ledger.a', Buffer.alloc(0)],
      ['ledger.b', Buffer.alloc(0)],
      ['ledger.a', Buffer.alloc(8192, 255)],
      ['ledger.b', Buffer.alloc(1_000_000)],
    ] as const)
    .run(async ({ assert, cleanup }, [name, bytes]) => {
      const { path, remove } = await temporaryFolder()
      cleanup(remove)
      const ledger = await Ledger.open(path, nodeDisk)
      await ledger.write({ seq: 4 })
      await writeFile(join(path, name), bytes)

      const { entry, wasLost } = await readLedger(path, nodeDisk)

      assert.equal(entry.seq, 4)
      assert.isFalse(wasLost)
    })

  test('writes first over the file that is not whole: {0}')
    .with([['ledger.a'], ['ledger.b']] as const)
    .run(async ({ assert, cleanup }, [broken]) => {
      const { path, remove } = await temporaryFolder()
      cleanup(remove)
      await (await Ledger.open(path, nodeDisk)).write({ seq: 4 })
      await writeFile(join(path, broken), 'x')
      const opened: string[] = []
      const disk: Disk = {
        ...nodeDisk,
        async overwrite(file) {
          opened.push(basename(file))
          return nodeDisk.overwrite(file)
        },
      }

      await (await Ledger.open(path, disk)).write({ seq: 5 })

      assert.equal(opened[0], broken)
      assert.equal((await readLedger(path, nodeDisk)).entry.seq, 5)
    })

  test('says when both of its files are gone bad', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    await writeFile(join(path, 'ledger.a'), 'x')
    await writeFile(join(path, 'ledger.b'), 'y')

    assert.containsSubset(await readLedger(path, nodeDisk), { entry: EMPTY_ENTRY, wasLost: true })
  })
})
