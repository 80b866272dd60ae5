import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { straceFlags, syscallsOf, type Syscall } from '../testing/strace.ts'
import {
  aRecording,
  aScreenshot,
  anEvent,
  FakeServer,
  isLong,
  Storms,
  temporaryFolder,
  temporarySpool,
} from '../testing/main.ts'

const PUTS = join(import.meta.dirname, '../testing/puts.ts')
const DRAIN = join(import.meta.dirname, '../testing/drain.ts')
const COUNT = 100

/** What must have happened to a file of an item, each step ended before the next one begins. */
function stepsOf(folder: string, name: string): readonly [string, (call: Syscall) => boolean][] {
  const tmp = join(folder, 'tmp', name)
  const queue = join(folder, 'queue')
  return [
    [`write ${name}`, ({ name: call, text }) => call === 'pwrite64' && text.includes(`<${tmp}>`)],
    [`fsync ${name}`, ({ name: call, text }) => call === 'fsync' && text.includes(`<${tmp}>`)],
    [
      `rename ${name}`,
      ({ text }) => text.startsWith(`rename("${tmp}", "${join(queue, name)}") = 0`),
    ],
    [
      `fsync folder of ${name}`,
      ({ text }) => /^fsync\(\d+<(.*)>\) += 0$/.exec(text)?.[1] === queue,
    ],
  ]
}

test.group('the order of the system calls', () => {
  test('of a hundred puts is write, fsync, rename, fsync of the folder, accepted', async ({
    assert,
    cleanup,
  }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const folder = join(path, 'spool')
    const log = join(path, 'trace')
    const flags = straceFlags(log, 'write,pwrite64,fsync,rename')
    const command = [...flags, process.execPath, PUTS, folder, String(COUNT)]
    await promisify(execFile)('strace', command)
    const calls = await syscallsOf(log)

    const accepted = calls.flatMap((call) => {
      const [, id, endings] = /"accepted ([0-9a-f-]{36}) (\S+)\\n"/.exec(call.text) ?? []
      return id === undefined || endings === undefined ? [] : [{ call, id, endings }]
    })
    const disorder = accepted.flatMap(({ call, id, endings }) => {
      const steps = endings.split(',').flatMap((ending) => stepsOf(folder, `${id}.${ending}`))
      let after = -1
      for (const [what, isIt] of steps) {
        const found = calls.find((step) => step.began > after && isIt(step))
        if (found === undefined || found.ended >= call.began) {
          return [`${what} is not before the acceptance`]
        }
        after = found.ended
      }
      return []
    })

    assert.lengthOf(accepted, COUNT)
    assert.deepEqual(disorder, [])
  })
})

const NOTHING = { lost: [], double: [], corrupt: [], invented: [] }
const LOAD = { events: 6, pictures: 4 } as const

/** Calls that change a spool. `write` and `read` are left out: pipes and sockets use them too. */
const CHANGES = ['openat', 'pwrite64', 'fsync', 'rename', 'link', 'unlink'] as const
const FAULTS = [
  { error: 'ENOSPC', calls: ['openat', 'pwrite64', 'fsync', 'rename', 'link'] },
  { error: 'EIO', calls: ['openat', 'pread64', 'pwrite64', 'fsync', 'rename', 'link', 'unlink'] },
  { error: 'EROFS', calls: ['openat', 'rename', 'link', 'unlink'] },
  { error: 'EMFILE', calls: ['openat'] },
] as const

/** Which calls of one name are hit, one a run. strace counts each name and each thread by itself. */
function pointsOf(calls: readonly string[], usual: readonly number[]) {
  const long = Array.from({ length: 42 }, (_, index) => index + 1)
  return calls.flatMap((name) => {
    const times = name === 'link' ? [1, 2, 3] : isLong ? long : usual
    return times.map((time) => ({ name, time }))
  })
}

test.group('a large file', () => {
  test('is read piece by piece on its way, never as a whole', async ({ assert, cleanup }) => {
    const server = await FakeServer.start()
    const { spool, folder, remove } = await temporarySpool()
    cleanup(async () => {
      await server.stop()
      await remove()
    })
    const segment = Buffer.alloc(20_000_000, 7)
    const item = anEvent(spool, aRecording(segment))
    await spool.put(item, segment)
    await spool.close()
    const log = `${folder}.trace`

    const file = join(folder, 'queue', `${item.id}.bin`)
    const flags = ['-f', '-o', log, '-P', file, '-e', 'trace=read,pread64']
    await promisify(execFile)('strace', [...flags, process.execPath, DRAIN, folder, server.url])
    const sizes = (await syscallsOf(log)).map(({ text }) => Number(/= (\d+)$/.exec(text)?.[1] ?? 0))
    await rm(log)

    assert.isTrue(server.received.has(item.id))
    assert.isAtLeast(
      sizes.reduce((sum, size) => sum + size, 0),
      segment.byteLength
    )
    assert.isAtMost(Math.max(...sizes), 256 * 1024)
  })
})

test.group('a bad sector', () => {
  test('under the {0} of one item puts that one aside, and the others are delivered')
    .with([
      ['payload', '.bin'],
      ['description', '.json'],
    ] as const)
    .run(async ({ assert, cleanup }, [, ending]) => {
      const server = await FakeServer.start()
      const { spool, folder, remove } = await temporarySpool()
      cleanup(async () => {
        await server.stop()
        await remove()
      })
      const ids: string[] = []
      for (const text of ['one', 'two', 'three']) {
        const item = anEvent(spool, aScreenshot(Buffer.from(text)))
        await spool.put(item, Buffer.from(text))
        ids.push(item.id)
      }
      await spool.close()
      const bad = join(folder, 'queue', `${ids[0]}${ending}`)

      const inject = ['-P', bad, '-e', 'trace=pread64', '-e', 'inject=pread64:error=EIO']
      const command = ['-f', '-o', '/dev/null', ...inject, process.execPath, DRAIN, folder]
      const { stdout } = await promisify(execFile)('strace', [...command, server.url])

      assert.sameMembers([...server.received.keys()], ids.slice(1))
      assert.containsSubset(JSON.parse(stdout), { accepted: 3, delivered: 2, dead: 1, queued: 0 })
      const note = await readFile(join(folder, 'quarantine', `${ids[0]}.json.reason`), 'utf8')
      assert.include(note, 'EIO')
    })
})

test.group('faults at the k-th system call', (group) => {
  let storms: Storms
  group.each.setup(async () => {
    storms = await Storms.start()
    return () => storms.stop()
  })

  const KILLS = pointsOf(CHANGES, [1, 9, 18, 27])
  test(`${KILLS.length} kills, each at another call: nothing is lost, double, corrupt or invented`, async ({
    assert,
  }) => {
    let killed = 0
    for (const { name, time } of KILLS) {
      const inject = ['-e', `trace=${name}`, '-e', `inject=${name}:signal=KILL:when=${time}`]
      const { signal } = await storms.blowThrough(inject, LOAD)
      killed += signal === 'SIGKILL' ? 1 : 0
      const { lost, double, corrupt, invented } = await storms.judge()
      assert.deepEqual({ lost, double, corrupt, invented }, NOTHING, `after ${name} ${time}`)
    }
    const { exit, counters } = await storms.blow(LOAD)

    assert.equal(exit, 0)
    assert.isAtLeast(killed, KILLS.length * 0.8)
    assert.containsSubset(counters, { queued: 0, dead: 0 })
    assert.equal(counters.delivered, storms.server.received.size)
  }).timeout(900_000)

  for (const { error, calls } of FAULTS) {
    const errors = pointsOf(calls, [1, 14])
    test(`${error} at ${errors.length} calls, one a run: no false accept, no exit, counters that balance`, async ({
      assert,
    }) => {
      let injected = 0
      for (const { name, time } of errors) {
        const where = `after ${name} ${time}`
        const inject = ['-e', `trace=${name}`, '-e', `inject=${name}:error=${error}:when=${time}`]
        const end = await storms.blowThrough(inject, LOAD)
        injected += end.injected > 0 ? 1 : 0
        const { lost, double, corrupt, invented } = await storms.judge()
        assert.equal(end.exit, 0, `${where}: ${end.stderr}`)
        assert.deepEqual({ lost, double, corrupt, invented }, NOTHING, where)
        const { counters } = await storms.blow({ events: 0, pictures: 0 })
        assert.containsSubset(counters, { queued: 0, dead: 0 }, where)
        assert.equal(counters.accepted, storms.server.received.size, where)
        assert.equal(counters.delivered, storms.server.received.size, where)
      }

      assert.isAtLeast(injected, errors.length / 2)
    }).timeout(900_000)
  }
})
