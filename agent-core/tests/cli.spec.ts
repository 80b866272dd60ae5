import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { agentProcess, anEvent, FakeServer, temporaryFolder } from '../testing/main.ts'
import { Spool } from '../src/spool.ts'

type Cleanup = (work: () => Promise<void>) => void
const SITE = join(import.meta.dirname, '../testing/sites/busy.ts')

async function setUp(cleanup: Cleanup) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const dataDir = join(path, 'data')
  const start = (...args: string[]) =>
    agentProcess(['--data-dir', dataDir, '--config', SITE, ...args])
  const command = (...args: string[]) => start(...args).ended
  const hash = async () =>
    (JSON.parse((await command('--json', 'notice')).stdout) as { sha256: string }).sha256
  cleanup(async () => {
    await server.stop()
    await remove()
  })
  return { server, dataDir, start, command, hash, folder: path }
}

const linesOf = (text: string) => text.trim().split('\n')

test.group('worksight-agent', () => {
  test('notice prints what the site declares, and its hash', async ({ assert, cleanup }) => {
    const { command } = await setUp(cleanup)

    const { exit, stdout, stderr } = await command('notice')

    assert.equal(exit, 0)
    assert.include(stdout, '- screenshot: made-up screenshots, fifty times a second')
    assert.match(stdout, /Hash: [0-9a-f]{64}\n/)
    assert.equal(stderr, '')
  })

  test('commands that read make nothing', async ({ assert, cleanup }) => {
    const { command, folder } = await setUp(cleanup)

    const exits = []
    for (const args of [['status'], ['queue'], ['dead', 'list'], ['plugins'], ['notice']]) {
      exits.push((await command('--json', ...args)).exit)
    }

    assert.deepEqual(exits, [3, 0, 0, 0, 0])
    assert.lengthOf(await readdir(folder), 0)
  })

  test('{0} exits {1}')
    .with([
      [['bogus'], 2],
      [['status', '--bogus'], 2],
      [['--help'], 0],
      [['--version'], 0],
      [['run'], 3],
      [['enrol'], 2],
      [['enrol', '--server', 'http://worksight.example', '--code', 'x'], 8],
      [['enrol', '--server', 'http://127.0.0.1:1', '--code', 'x'], 5],
      [['enrol', '--server', 'SERVER', '--code', 'used'], 4],
      [['enrol', '--server', 'SERVER', '--code', 'wse_fake', '--acknowledge', 'other'], 4],
      [['--config', '/nowhere.ts', 'notice'], 8],
      [['dead', 'retry'], 2],
      [['dead', 'show', 'x'], 2],
    ] as [string[], number][])
    .run(async ({ assert, cleanup }, [args, expected]) => {
      const { command, server } = await setUp(cleanup)

      const { exit, stdout, stderr } = await command(
        ...args.map((arg) => (arg === 'SERVER' ? server.url : arg))
      )

      assert.equal(exit, expected, stderr)
      assert.equal(stdout === '', expected !== 0)
    })

  test('without an acknowledgement it enrols, and says that only heartbeats are sent', async ({
    assert,
    cleanup,
  }) => {
    const { command, server } = await setUp(cleanup)

    const { exit, stdout, stderr } = await command(
      '--json',
      'enrol',
      '--server',
      server.url,
      '--code',
      'wse_fake'
    )

    assert.equal(exit, 0)
    assert.containsSubset(JSON.parse(stdout), { agentId: 1, site: 'busy', acknowledged: false })
    assert.include(stderr, 'only heartbeats are sent')
    assert.notInclude(stdout + stderr, server.token)
  })

  test('run captures and delivers, answers other commands meanwhile, and ends when told', async ({
    assert,
    cleanup,
  }) => {
    const { command, start, server, hash } = await setUp(cleanup)
    await command(
      'enrol',
      '--server',
      server.url,
      '--code',
      'wse_fake',
      '--acknowledge',
      await hash()
    )

    const { child, ended } = start('run')
    await server.has(10)
    const status = JSON.parse((await command('--json', 'status')).stdout)
    const second = await command('run')
    child.kill('SIGTERM')
    const { exit, stderr } = await ended

    assert.containsSubset(status, { running: true, site: 'busy', notice: { acknowledged: true } })
    assert.equal(second.exit, 9)
    assert.equal(exit, 0)
    assert.include(stderr, 'made-up screenshots, fifty times a second')
    assert.containsSubset(server.enrolments, [{ acknowledgement: { version: 1 } }])
  })

  test('run --once brings one of each, and ends', async ({ assert, cleanup }) => {
    const { command, server, hash } = await setUp(cleanup)
    await command(
      'enrol',
      '--server',
      server.url,
      '--code',
      'wse_fake',
      '--acknowledge',
      await hash()
    )

    const { exit, stdout } = await command('--json', 'run', '--once')

    assert.equal(exit, 0)
    assert.containsSubset(JSON.parse(stdout), { spool: { accepted: 2, delivered: 2 } })
    assert.deepEqual(
      [...server.received.values()].map(({ observation }) => observation.kind).sort(),
      ['heartbeat', 'screenshot']
    )
  })

  test('dead letters are listed, shown, tried again and removed', async ({ assert, cleanup }) => {
    const { command, dataDir } = await setUp(cleanup)
    const spool = await Spool.open(join(dataDir, 'spool'), { quota: { minFreeBytes: 0 } })
    for (let count = 0; count < 2; count++) {
      await spool.put(anEvent(spool))
    }
    for (const { id } of spool.oldest('events', 2)) {
      await spool.bury(id, { code: 'E_BAD', reason: 'Not taken', field: null, attempts: 1 })
    }
    const [first, second] = spool.dead().map(({ id }) => id)
    await spool.close()

    const listed = await command('dead')
    const shown = await command('--json', 'dead', 'show', first ?? '')
    const retried = await command('dead', 'retry', first ?? '')
    const unsure = await command('dead', 'purge', '--all')
    const purged = await command('--yes', 'dead', 'purge', second ?? '')
    const queue = await command('--json', 'queue')

    assert.lengthOf(linesOf(listed.stdout), 2)
    assert.include(listed.stdout, 'Not taken')
    assert.containsSubset(JSON.parse(shown.stdout), {
      observation: { id: first },
      death: { code: 'E_BAD' },
    })
    assert.deepEqual([retried.exit, unsure.exit, purged.exit], [0, 2, 0])
    assert.containsSubset(JSON.parse(queue.stdout), [{ id: first, seq: 1 }])
    assert.include((await command('dead')).stdout, 'No dead letters')
  })
})
