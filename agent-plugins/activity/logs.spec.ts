import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@japa/runner'
import {
  acknowledge,
  AgentRuntime,
  defineSite,
  fileLogger,
  IdentityStore,
  noticeOf,
} from '@worksight/agent-core'
import { FakeServer, temporaryFolder } from '@worksight/agent-core/testing'
import { Activity } from './main.ts'
import { ScriptedDesktop } from './testing/main.ts'

const TITLE = 'canary-title-4711'
const APP = 'Canary'
const TOKEN = 'wsa_canary_token_4711'

test.group('Logs of an agent that tells titles', () => {
  test('hold neither a title nor the token, whatever the server answers and however much is logged', async ({
    assert,
    cleanup,
  }) => {
    const server = await FakeServer.start()
    server.token = TOKEN
    const { path, remove } = await temporaryFolder()
    const desktop = new ScriptedDesktop()
    const site = defineSite({
      name: 'spec',
      plugins: [
        new Activity(
          { pollSeconds: 0.05, flushSeconds: 1, titles: true },
          { open: async () => desktop, env: {} }
        ),
      ],
      spool: { minFreeBytes: 0, maxBytes: 1e12 },
    })
    new IdentityStore(path).save(
      { server: server.url, agentId: 1, name: 'desk', site: 'spec', person: null, token: TOKEN },
      acknowledge(noticeOf(site), 0)
    )
    const { logger, close } = fileLogger(join(path, 'logs'), 'debug')
    const runtime = new AgentRuntime({ site, dataDir: path, logger, random: () => 0 })
    cleanup(async () => {
      await runtime.stop()
      await server.stop()
      await remove()
    })
    server.answers.push({ status: 500 }, { status: 413 }, { status: 422 }, { status: 401 })

    await runtime.start()
    const limit = AbortSignal.timeout(50_000)
    for (let turn = 0; server.received.size < 5; turn++) {
      desktop.window = { app: APP, title: `${TITLE} ${turn}`, pid: 42 }
      desktop.idleMs = 0
      if (turn === 20) {
        desktop.error = new Error('the desktop went away')
      }
      if (turn === 25) {
        desktop.error = null
        await runtime.reload()
      }
      limit.throwIfAborted()
      await sleep(100)
    }
    await runtime.stop()
    await close()

    const told = JSON.stringify([...server.received.values()])
    assert.include(told, TITLE) // what is looked for is there to be found
    const logs = join(path, 'logs')
    const texts = await Promise.all(
      (await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8'))
    )
    assert.include(texts.join(''), 'the desktop went away')
    assert.notInclude(texts.join(''), TITLE)
    assert.notInclude(texts.join(''), TOKEN)
  }).timeout(60_000)
})
