import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { agentProcess, FakeServer, temporaryFolder } from '../testing/main.ts'

const SITE = join(import.meta.dirname, '../testing/sites/busy.ts')

test.group('kill -9', () => {
  test('of the agent and of the server, again and again, leaves no hole and no double in seq', async ({
    assert,
    cleanup,
  }) => {
    const server = await FakeServer.start()
    const { path, remove } = await temporaryFolder()
    cleanup(async () => {
      await server.stop()
      await remove()
    })
    const flags = ['--data-dir', path, '--config', SITE]
    const notice = await agentProcess([...flags, '--json', 'notice']).ended
    const { sha256 } = JSON.parse(notice.stdout) as { sha256: string }
    await agentProcess([
      ...flags,
      'enrol',
      '--server',
      server.url,
      '--code',
      'wse_fake',
      '--acknowledge',
      sha256,
    ]).ended

    for (let round = 0; round < 6; round++) {
      const before = server.received.size
      const { child, ended } = agentProcess([...flags, 'run'])
      await server.has(before + 8 + round * 3)
      if (round % 2 === 0) {
        await server.stop()
        await wait(50)
      }
      child.kill('SIGKILL')
      await ended
      if (round % 2 === 0) {
        await server.listen()
      }
    }
    const drained = await agentProcess([...flags, '--json', 'run', '--once']).ended

    const numbers = [...server.received.values()]
      .map(({ observation }) => observation.seq)
      .sort((a, b) => a - b)
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1)
    )
    assert.isAbove(numbers.length, 60)
    assert.containsSubset(JSON.parse(drained.stdout), {
      spool: { accepted: numbers.length, delivered: numbers.length, queued: 0, dead: 0 },
    })
  })
})
