import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from '@japa/runner'
import { Spool } from '../src/spool.ts'
import {
  agentProcess,
  anEvent,
  FakeServer,
  onTerminal,
  temporaryFolder,
  TlsProxy,
} from '../testing/main.ts'

type Cleanup = (work: () => Promise<void>) => void
const SITE = join(import.meta.dirname, '../testing/sites/tuned.ts')

async function setUp(cleanup: Cleanup, { enrolled = true } = {}) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const dataDir = join(path, 'data')
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    agentProcess(['--data-dir', dataDir, '--config', SITE, ...args], env)
  const command = (...args: string[]) => start(args).ended
  const json = async (...args: string[]) => JSON.parse((await command('--json', ...args)).stdout)
  const started: ReturnType<typeof start>[] = []
  cleanup(async () => {
    started.forEach(({ child }) => child.kill('SIGKILL'))
    await server.stop()
    await remove()
  })
  const enrol = async (...flags: string[]) => {
    const { sha256 } = (await json('notice')) as { sha256: string }
    server.codes.add('wse_fake')
    return command('enrol', server.url, 'wse_fake', '--acknowledge', sha256, ...flags)
  }
  if (enrolled) {
    await enrol()
  }
  const running = async (items = 2) => {
    const agent = start(['run'])
    started.push(agent)
    await server.has(items)
    return agent
  }
  return { server, dataDir, folder: path, start, command, json, enrol, running }
}

/** Two items in a spool without an agent. */
async function queuedItems(dataDir: string): Promise<string[]> {
  const spool = await Spool.open(join(dataDir, 'spool'), { quota: { minFreeBytes: 0 } })
  await spool.put(anEvent(spool))
  await spool.put(anEvent(spool))
  const ids = spool.oldest('events', 2).map(({ id }) => id)
  await spool.close()
  return ids
}

test.group('worksight-agent | what was and is sent', () => {
  test('what lists what the server took, word for word', async ({ assert, cleanup }) => {
    const { json, running } = await setUp(cleanup)
    await running()
    let found
    do {
      found = await json('what', '--last', '30m')
    } while (found.sent.length < 2)

    assert.isTrue(found.running)
    assert.sameMembers(
      found.sent.map(({ observation }: { observation: { kind: string } }) => observation.kind),
      ['heartbeat', 'screenshot']
    )
    assert.isAbove(found.bytes, 100)
  })

  test('tap shows each body as it leaves, and no token', async ({ assert, cleanup }) => {
    const { server, start, running } = await setUp(cleanup)
    await running()
    const tap = start(['--json', 'tap'])
    let seen = ''
    tap.child.stdout?.on('data', (chunk) => (seen += chunk))
    while (!seen.includes('\n')) {
      server.configuration.publish(Date.now() % 100_000, {})
      await setTimeout(50)
    }
    tap.child.kill('SIGINT')
    await tap.ended

    const [first = '{}'] = seen.split('\n')
    assert.containSubset(JSON.parse(first), { method: 'GET', path: '/api/agents/me' })
    assert.notInclude(seen, server.token)
  })

  test('without an agent tap says so, and exits 3', async ({ assert, cleanup }) => {
    const { command } = await setUp(cleanup)

    const { exit, stderr } = await command('tap')

    assert.equal(exit, 3)
    assert.include(stderr, 'does not run')
  })
})

test.group('worksight-agent | queue', () => {
  test('an item is shown in full', async ({ assert, cleanup }) => {
    const { dataDir, json } = await setUp(cleanup)
    const [id = ''] = await queuedItems(dataDir)

    assert.containSubset(await json('queue', 'show', id), { observation: { id }, payload: null })
    assert.lengthOf(await json('queue', 'list'), 2)
    assert.lengthOf(await json('queue', 'list', '--older', '30m'), 2)
  })

  test('flush brings what waits, without capturing anything', async ({ assert, cleanup }) => {
    const { server, dataDir, command } = await setUp(cleanup)
    await queuedItems(dataDir)

    const { exit, stdout } = await command('queue', 'flush')

    assert.equal(exit, 0)
    assert.include(stdout, 'Nothing waits')
    assert.deepEqual(
      [...server.received.values()].map(({ observation }) => observation.seq),
      [1, 2]
    )
  })

  test('flush asks the running agent, and exits 5 while the server takes nothing', async ({
    assert,
    cleanup,
  }) => {
    const { server, command, json, running } = await setUp(cleanup)
    server.always = ({ observations }) => {
      return observations.some(({ kind }) => kind === 'screenshot') ? { status: 503 } : null
    }
    await running(1)

    const refused = await command('queue', 'flush', '--seconds', '1')
    server.always = null
    const taken = await command('queue', 'flush')

    assert.deepEqual([refused.exit, taken.exit], [5, 0])
    assert.containSubset(await json('status'), { spool: { queued: 0 } })
  })

  test('what is dropped leaves a tombstone, and is asked for first', async ({
    assert,
    cleanup,
  }) => {
    const { server, dataDir, command } = await setUp(cleanup)
    const [first = '', second = ''] = await queuedItems(dataDir)

    const unsure = await command('queue', 'drop', first)
    const nothing = await command('queue', 'drop')
    const wrong = await command('--yes', 'queue', 'drop', 'x')
    const sure = await command('--yes', 'queue', 'drop', first)
    await command('queue', 'flush')

    assert.deepEqual([unsure.exit, nothing.exit, wrong.exit, sure.exit], [2, 2, 2, 0])
    const received = [...server.received.values()].map(({ observation }) => observation)
    assert.sameMembers(
      received.map(({ seq }) => seq),
      [2, 3]
    )
    assert.containSubset(received, [
      { id: second },
      { kind: 'eviction', evicted_id: first, evicted_seq: 1, cause: 'dropped' },
    ])
  })
})

test.group('worksight-agent | notice of a changed policy', () => {
  test('is shown and acknowledged without a new enrolment', async ({ assert, cleanup }) => {
    const { server, command, json, running } = await setUp(cleanup)
    await running()
    const published = async (version: number, seconds: number) => {
      server.configuration.publish(version, { 'screenshot.interval_seconds': seconds })
      let status
      do {
        status = await json('status')
      } while (status.policy.version !== version && status.policy.pending?.version !== version)
      return status.policy
    }
    await published(1, 600)
    const waiting = await published(2, 120)
    const strict = await command('status', '--strict')

    const notice = await json('notice')
    const wrong = await command('acknowledge', 'f'.repeat(64))
    const nobody = await command('acknowledge')
    const { exit } = await command('acknowledge', notice.sha256)

    assert.deepEqual(waiting.pending, { version: 2, wider: ['screenshot.interval_seconds'] })
    assert.equal(strict.exit, 7)
    assert.include(notice.text, 'screenshots: every 2 minutes')
    assert.isFalse(notice.acknowledged)
    assert.deepEqual([wrong.exit, nobody.exit, exit], [4, 2, 0])
    assert.containSubset(await json('status'), { policy: { version: 2, pending: null } })
    assert.isTrue((await json('notice')).acknowledged)
    while (server.configuration.acknowledgements.length < 2) {
      await setTimeout(20)
    }
    assert.containSubset(server.configuration.acknowledgements.at(-1), {
      text_sha256: notice.sha256,
    })
  })

  test('without an enrolment there is nothing to acknowledge', async ({ assert, cleanup }) => {
    const { command } = await setUp(cleanup, { enrolled: false })

    assert.equal((await command('acknowledge', 'f'.repeat(64))).exit, 3)
  })
})

test.group('worksight-agent | enrolling again', () => {
  test('sends the token it had, to the same server only', async ({ assert, cleanup }) => {
    const { server, enrol, command } = await setUp(cleanup)
    const before = server.token
    server.token = 'wsa_second'
    const other = await FakeServer.start()
    cleanup(() => other.stop())

    const again = await enrol('--yes')
    const elsewhere = await command('enrol', other.url, 'wse_fake', '--yes')

    assert.deepEqual([again.exit, elsewhere.exit], [0, 0])
    assert.notProperty(server.enrolments[0], 'previous_token')
    assert.containSubset(server.enrolments[1], { previous_token: before })
    assert.notProperty(other.enrolments[0], 'previous_token')
  })

  test('a spool that was lost counts on from what the server has', async ({ assert, cleanup }) => {
    const { server, enrol, command } = await setUp(cleanup, { enrolled: false })
    server.configuration.change({ seq: 41 })
    await enrol()

    await command('run', '--once')

    const numbers = [...server.received.values()].map(({ observation }) => observation.seq)
    assert.sameMembers(numbers, [42, 43])
  })
})

test.group('worksight-agent | config', () => {
  test('every value says where it comes from', async ({ assert, cleanup }) => {
    const { start, command, json } = await setUp(cleanup)
    const source = async (key: string, env: Record<string, string> = {}) =>
      JSON.parse((await start(['--json', 'config', 'get', key, '--source'], env).ended).stdout)

    assert.containSubset(await source('screenshot.quality'), { value: 60, source: 'default' })
    assert.containSubset(await source('screenshot.intervalSeconds'), { value: 60, source: 'site' })
    await command('config', 'set', 'screenshot.intervalSeconds', '90')
    assert.containSubset(await source('screenshot.intervalSeconds'), { value: 90, source: 'file' })
    const env = { WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: '120' }
    assert.containSubset(await source('screenshot.intervalSeconds', env), {
      value: 120,
      source: 'environment',
    })
    assert.containSubset(await json('config', 'list'), {
      'screenshot.intervalSeconds': 90,
      'hours': null,
    })
  })

  test('what the policy says is locked', async ({ assert, cleanup }) => {
    const { server, command, json, running } = await setUp(cleanup)
    const agent = await running()
    server.configuration.publish(4, { 'screenshot.interval_seconds': 600 })
    while ((await json('status')).policy.version !== 4) {
      await setTimeout(20)
    }
    agent.child.kill('SIGTERM')
    await agent.ended

    assert.containSubset(await json('config', 'get', 'screenshot.intervalSeconds', '--source'), {
      value: 600,
      source: 'policy',
      locked: true,
    })
    const { exit, stderr } = await command('config', 'set', 'screenshot.intervalSeconds', '10')
    assert.equal(exit, 4)
    assert.include(stderr, 'E_LOCKED')
  })

  test('{0} exits {1}')
    .with([
      [['config', 'get', 'screenshot.colour'], 2],
      [['config', 'set', 'screenshot.colour', 'red'], 2],
      [['config', 'set', 'screenshot.quality', 'good'], 8],
      [['config', 'set', 'hours', 'never'], 2],
      [['config', 'validate'], 0],
      [['config', 'path'], 0],
      [['plugins', 'info', 'telepathy'], 2],
      [['logs', '--level', 'loud'], 2],
      [['completion', 'tcsh'], 2],
      [['record', '--out', 'x', '--seconds', '1'], 6],
      [['record', '--out', 'x', '--seconds', 'ten'], 2],
      [['capture'], 2],
      [['capture', '--out', '/nonexistent/x.png'], 2],
      [['capture', '--out', '/tmp'], 2],
      [['capture', '--out', 'x.gif'], 2],
      [['capture', '--out', 'x', '--monitor', '1.5'], 2],
    ] as [string[], number][])
    .run(async ({ assert, cleanup }, [args, expected]) => {
      const { command, dataDir } = await setUp(cleanup, { enrolled: false })

      const { exit, stderr } = await command(...args)

      assert.equal(exit, expected, stderr)
      await assert.rejects(() => stat(join(dataDir, 'settings.json')), /ENOENT/)
      await assert.rejects(() => stat('x'), /ENOENT/) // nothing is left of a file that was not made
    })
})

test.group('worksight-agent | status of a running agent', () => {
  test('says of each collector when it last looked and when it looks next', async ({
    assert,
    cleanup,
  }) => {
    const { command, json, running } = await setUp(cleanup)
    await running()

    const { collectors, destinations } = await json('status')
    const { stdout } = await command('status')

    const screenshot = collectors.find(({ name }: { name: string }) => name === 'screenshot')
    assert.equal(screenshot.nextAt - screenshot.lastAt, 60_000)
    assert.containSubset(screenshot, { collects: 'a made-up picture', state: 'ok' })
    assert.match(
      stdout,
      /^ +screenshot +ok +every 60 seconds {2}next \d\d:\d\d:\d\d {2}last \d\d:\d\d:\d\d$/m
    )
    assert.containSubset(destinations, [{ name: 'server', state: 'closed', failures: 0 }])
  })
})

test.group('worksight-agent | enrol', () => {
  test('takes the name of the machine, and whom the code must be for', async ({
    assert,
    cleanup,
  }) => {
    const { server, json, enrol } = await setUp(cleanup, { enrolled: false })

    const other = await enrol('--person', 'Somebody Else')
    const { exit } = await enrol('--name', 'desk 4', '--person', 'Dana Reyes')

    assert.equal(other.exit, 4)
    assert.include(other.stderr, 'not for the person')
    assert.equal(exit, 0)
    assert.equal((await json('status')).name, 'desk 4')
    assert.containSubset(server.enrolments, [{ name: 'desk 4', person: 'Dana Reyes' }])
  })

  test('--insecure-localhost speaks of this machine alone', async ({ assert, cleanup }) => {
    const { command, enrol } = await setUp(cleanup, { enrolled: false })

    const away = await command('enrol', 'http://192.0.2.1', 'wse_x', '--insecure-localhost')
    const here = await enrol('--insecure-localhost')

    assert.deepEqual([away.exit, here.exit], [8, 0])
    assert.include(away.stderr, '--insecure-localhost')
  })

  test('--ca names the authority of the server, for this and every later command', async ({
    assert,
    cleanup,
  }) => {
    const { server, folder, json, command } = await setUp(cleanup, { enrolled: false })
    const tls = await TlsProxy.start(folder, server.url)
    cleanup(() => tls.stop())
    const { sha256 } = await json('notice')
    const args = ['enrol', tls.url, 'wse_fake', '--acknowledge', sha256]

    const unknown = await command(...args)
    const noAuthority = await command(...args, '--ca', join(folder, 'nothing.pem'))
    const known = await command(...args, '--ca', tls.authority)
    const flushed = await command('queue', 'flush')

    assert.deepEqual([unknown.exit, known.exit, flushed.exit], [5, 0, 0])
    assert.notEqual(noAuthority.exit, 0)
    assert.containSubset((await json('doctor')).checks, [{ name: 'server', status: 'ok' }])
  })

  test('on a terminal it shows the notice with the policy in full, and asks', async ({
    assert,
    cleanup,
  }) => {
    const { server, dataDir, json } = await setUp(cleanup, { enrolled: false })
    server.configuration.publish(3, { 'screenshot.interval_seconds': 120 })
    const args = ['--data-dir', dataDir, '--config', SITE, 'enrol', server.url, 'wse_fake']

    const { exit, screen } = await onTerminal(args, [
      { question: 'have read this:', answer: 'yes' },
    ])

    const { text, acknowledged } = await json('notice')
    assert.equal(exit, 0)
    assert.include(text, 'screenshots: every 2 minutes')
    assert.include(screen, text.trim())
    assert.isTrue(acknowledged)
    assert.lengthOf(server.configuration.acknowledgements, 1)
  })

  test('whoever says no on the terminal is enrolled, and nothing but heartbeats is sent', async ({
    assert,
    cleanup,
  }) => {
    const { server, dataDir, json } = await setUp(cleanup, { enrolled: false })
    const args = ['--data-dir', dataDir, '--config', SITE, 'enrol']

    const { exit, screen } = await onTerminal(args, [
      { question: 'Address of the server:', answer: server.url },
      { question: 'Code:', answer: 'wse_fake' },
      { question: 'have read this:', answer: 'n' },
    ])

    assert.equal(exit, 0)
    assert.include(screen, 'only heartbeats are sent')
    assert.isFalse((await json('notice')).acknowledged)
    assert.lengthOf(server.configuration.acknowledgements, 0)
  })

  test('without a terminal nothing is asked: exit 2 names the flag', async ({
    assert,
    cleanup,
  }) => {
    const { command } = await setUp(cleanup, { enrolled: false })

    const noServer = await command('enrol')

    assert.equal(noServer.exit, 2)
    assert.include(noServer.stderr, '--server')
  })
})

test.group('worksight-agent | enrol without a code', () => {
  test('shows a code and where to confirm it, and is enrolled once somebody did', async ({
    assert,
    cleanup,
  }) => {
    const { server, command, json } = await setUp(cleanup, { enrolled: false })
    server.pollAnswers.push('pending', 'confirmed')
    const { sha256 } = await json('notice')

    const { exit, stdout, stderr } = await command(
      ...['enrol', server.url, '--name', 'desk 4', '--acknowledge', sha256]
    )

    assert.equal(exit, 0, stderr)
    assert.include(stdout, `${server.url}/enrol/WDJB-MJHT`)
    assert.include(stdout, 'its code is WDJB-MJHT')
    assert.include(stdout, 'Enrolled as desk 4 for Dana Reyes')
    assert.notInclude(stdout + stderr, 'wse_device')
    assert.lengthOf(server.polledAt, 2)
    assert.containSubset(server.enrolments, [
      { name: 'desk 4', platform: process.platform, acknowledgement: { version: 1 } },
    ])
    assert.isTrue((await json('notice')).acknowledged)
  })

  test('with --json tells the code and the identity, a line each', async ({ assert, cleanup }) => {
    const { server, command } = await setUp(cleanup, { enrolled: false })
    server.pollAnswers.push('confirmed')

    const { exit, stdout } = await command('--json', 'enrol', '--server', server.url)

    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(exit, 0)
    assert.lengthOf(lines, 2)
    assert.containSubset(lines[0], { status: 'pending', user_code: 'WDJB-MJHT' })
    assert.containSubset(lines[1], { server: server.url, person: 'Dana Reyes' })
    assert.notInclude(stdout, 'wse_device')
    assert.notInclude(stdout, server.token)
  })

  test('asks as seldom as it is told to, also while the server is away', async ({
    assert,
    cleanup,
  }) => {
    const { server, command } = await setUp(cleanup, { enrolled: false })
    const away = { status: 503, headers: { 'retry-after': '1' } }
    server.pollAnswers.push('slow_down', away, { status: 0, hangUp: true }, 'confirmed')

    const { exit } = await command('enrol', server.url)

    const [first = 0, second = 0, third = 0] = server.polledAt
    assert.equal(exit, 0)
    assert.isAtLeast(second - first, 400)
    assert.isAtLeast(third - second, 900)
  })

  test('ends with 4 where it is refused or over, and with 5 where no server answers', async ({
    assert,
    cleanup,
  }) => {
    const { server, command, dataDir } = await setUp(cleanup, { enrolled: false })
    const said = (status: number, message: string) => ({
      status,
      body: { error: { code: 'E_SAID', message, field: null, help: '', id: 'fake' } },
    })

    server.pollAnswers.push(said(403, 'It was refused'), said(410, 'It is over'))
    const refused = await command('enrol', server.url)
    const over = await command('enrol', server.url)
    const nowhere = await command('enrol', 'http://127.0.0.1:1')

    assert.deepEqual([refused.exit, over.exit, nowhere.exit], [4, 4, 5])
    assert.include(refused.stderr, 'It was refused')
    assert.include(over.stderr, 'It is over')
    assert.notInclude(await readdir(dataDir).catch(() => []), 'identity.json')
  })

  test('is given up with Ctrl-C: exit 130, and no identity', async ({ assert, cleanup }) => {
    const { server, start, dataDir } = await setUp(cleanup, { enrolled: false })
    const { child, ended } = start(['enrol', server.url])
    while (server.polledAt.length === 0) {
      await setTimeout(20)
    }

    child.kill('SIGINT')

    const { exit, stderr } = await ended
    assert.equal(exit, 130)
    assert.notInclude(stderr, 'Error')
    assert.notInclude(await readdir(dataDir).catch(() => []), 'identity.json')
  })
})

test.group('worksight-agent | doctor', () => {
  test('all is well while the agent runs', async ({ assert, cleanup }) => {
    const { command, json, running } = await setUp(cleanup)
    await running()

    const found = await json('doctor')

    assert.equal((await command('doctor')).exit, 0)
    const of = (name: string) =>
      found.checks.find((check: { name: string }) => check.name === name)?.status
    const names = ['version', 'site', 'identity', 'server', 'token', 'clock', 'notice', 'session']
    for (const name of [...names, 'screenshot: screen', 'disk', 'spool', 'agent']) {
      assert.equal(of(name), 'ok', name)
    }
  })

  test('no display is 6, no agent 7, a broken site 8', async ({ assert, cleanup }) => {
    const { start, command, folder } = await setUp(cleanup)
    const broken = join(folder, 'broken.ts')
    await writeFile(broken, 'throw new Error("half a site")')

    const dark = await start(['doctor'], { SPEC_DARK: 'yes' }).ended
    const stopped = await command('doctor')
    const invalid = await command('--config', broken, 'doctor')

    assert.deepEqual([dark.exit, stopped.exit, invalid.exit], [6, 7, 8])
    assert.include(invalid.stdout, 'half a site')
  })

  test('doctor --fix makes folders, closes what others can read and sweeps what crashes left, and no item', async ({
    assert,
    cleanup,
  }) => {
    const { dataDir, json } = await setUp(cleanup)
    await queuedItems(dataDir)
    const spool = join(dataDir, 'spool')
    const draft = 'lock.0192f000-0000-4000-8000-000000000001'
    await rm(join(dataDir, 'logs'), { recursive: true, force: true })
    await chmod(join(dataDir, 'identity.json'), 0o644)
    await chmod(spool, 0o755)
    await writeFile(join(spool, 'tmp', 'half.bin'), 'half')
    await writeFile(join(spool, draft), '')
    await writeFile(join(spool, 'lock'), JSON.stringify({ pid: 999_999_999, started: null }))

    const before = (await json('doctor')).fixed
    const { fixed, checks } = await json('doctor', '--fix')
    const again = (await json('doctor', '--fix')).fixed

    assert.deepEqual(before, [])
    assert.lengthOf(fixed, 6, fixed.join('; '))
    assert.deepEqual(again, [])
    assert.containSubset(checks, [{ name: 'identity', status: 'ok' }])
    assert.equal((await stat(join(dataDir, 'identity.json'))).mode & 0o777, 0o600)
    assert.equal((await stat(spool)).mode & 0o777, 0o700)
    assert.isTrue((await stat(join(dataDir, 'logs'))).isDirectory())
    assert.deepEqual(await readdir(join(spool, 'tmp')), [])
    assert.notIncludeMembers(await readdir(spool), [draft, 'lock'])
    assert.lengthOf(await json('queue', 'list'), 2)
  })

  test('doctor --fix leaves the lock and the spool of an agent that runs alone', async ({
    assert,
    cleanup,
  }) => {
    const { dataDir, json, running } = await setUp(cleanup)
    await running()

    const { fixed } = await json('doctor', '--fix')

    assert.deepEqual(fixed, [])
    assert.isTrue((await stat(join(dataDir, 'spool/lock'))).isFile())
  })

  test('a bundle is listed, and holds neither token nor secret', async ({ assert, cleanup }) => {
    const { server, command, folder, running } = await setUp(cleanup)
    await running()
    const file = join(folder, 'bundle.json')

    const { stderr } = await command('doctor', '--bundle', file)
    const text = await readFile(file, 'utf8')

    assert.include(stderr, 'identity')
    assert.containSubset(JSON.parse(text), { identity: { name: JSON.parse(text).identity.name } })
    assert.notInclude(text, server.token)
    assert.isAbove(JSON.parse(text).log.length, 0)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
  })
})

test.group('worksight-agent | service', () => {
  test('the unit is one that systemd takes, and nothing is written', async ({
    assert,
    cleanup,
  }) => {
    const { json, command, dataDir } = await setUp(cleanup, { enrolled: false })

    const { unit, path } = await json('service', 'install', '--print')
    const without = await command('service', 'install')

    const started = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? ''
    assert.include(started, `"run" "--data-dir" "${dataDir}"`)
    assert.match(path, /\.config\/systemd\/user\/worksight-agent\.service$/)
    for (const section of ['[Unit]', '[Service]', '[Install]']) {
      assert.include(unit, section)
    }
    assert.equal(without.exit, 2)
    assert.include(without.stderr, '--print')
  })
})

test.group('worksight-agent | the rest', () => {
  test('capture writes a file a display, on this disk and nowhere else', async ({
    assert,
    cleanup,
  }) => {
    const { server, command, folder } = await setUp(cleanup)
    const out = join(folder, 'shot.webp')

    const all = await command('capture', '--out', out)
    const one = await command('capture', '--out', join(folder, 'one.webp'), '--monitor', '2')
    const none = await command('capture', '--out', out, '--monitor', '3')

    assert.deepEqual([all.exit, one.exit, none.exit], [0, 0, 2])
    assert.includeMembers(await readdir(folder), ['shot.webp', 'shot-2.webp', 'one.webp'])
    assert.equal((await stat(out)).mode & 0o777, 0o600)
    assert.equal(server.received.size, 0)
  })

  test('logs are pretty, filtered by level, and followed', async ({ assert, cleanup }) => {
    const { start, command, running } = await setUp(cleanup)
    const agent = await running()
    const follower = start(['logs', '-f'])
    let seen = ''
    follower.child.stdout?.on('data', (chunk) => (seen += chunk))
    while (!seen.includes('the agent has started')) {
      await setTimeout(20)
    }
    agent.child.kill('SIGTERM')
    await agent.ended
    while (!seen.includes('the agent has stopped')) {
      await setTimeout(20)
    }
    follower.child.kill('SIGINT')

    assert.equal((await follower.ended).exit, 0)
    assert.match(seen, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info {2}the agent has started/m)
    assert.notInclude((await command('logs', '--level', 'error')).stdout, 'has started')
    assert.include((await command('--json', 'logs', '--since', '10m')).stdout, '"msg"')
  })

  test('plugins info names hooks, options and state', async ({ assert, cleanup }) => {
    const { json, running } = await setUp(cleanup)
    const before = await json('plugins', 'info', 'screenshot')
    await running()

    assert.containSubset(before, {
      hooks: ['start'],
      options: { intervalSeconds: 60, quality: 60 },
      state: 'not running',
    })
    assert.containSubset(await json('plugins', 'info', 'screenshot'), { state: 'ok' })
    assert.lengthOf(await json('plugins', 'list'), 2)
  })

  test('unenrol removes identity and spool, or keeps the spool', async ({ assert, cleanup }) => {
    const { dataDir, command, json, enrol } = await setUp(cleanup)
    await queuedItems(dataDir)

    const unsure = await command('unenrol')
    const kept = await json('unenrol', '--yes', '--keep-spool')
    const left = (await json('queue', 'list')).length
    await enrol()
    const gone = await json('unenrol', '--yes')

    assert.equal(unsure.exit, 2)
    assert.containSubset(kept, { removed: 0, kept: 2 })
    assert.equal(left, 2)
    assert.containSubset(gone, { removed: 2 })
    assert.equal((await command('status')).exit, 3)
    assert.notInclude(await readdir(dataDir), 'spool')
  })

  test('a running agent is not unenrolled under its own feet', async ({ assert, cleanup }) => {
    const { command, running } = await setUp(cleanup)
    await running()

    assert.equal((await command('--yes', 'unenrol')).exit, 9)
  })

  test('cleanup removes what a crash left, after saying so', async ({ assert, cleanup }) => {
    const { dataDir, json } = await setUp(cleanup)
    const [id = ''] = await queuedItems(dataDir)
    await writeFile(join(dataDir, 'spool', 'tmp', 'half'), 'half')

    const said = await json('cleanup', '--dry-run')
    const done = await json('cleanup')

    assert.containSubset(said, { removed: false, bytes: 4 })
    assert.containSubset(done, { removed: true, bytes: 4 })
    assert.isEmpty(await readdir(join(dataDir, 'spool', 'tmp')))
    assert.containSubset(await json('queue', 'show', id), { observation: { id } })
  })

  test('run starts leanly, under the same process id', async ({ assert, cleanup }) => {
    const { running } = await setUp(cleanup)

    const { child } = await running()
    const commandLine = await readFile(`/proc/${child.pid}/cmdline`, 'utf8')
    const environment = await readFile(`/proc/${child.pid}/environ`, 'utf8')

    assert.include(commandLine, '--max-semi-space-size=1')
    assert.include(environment, 'MALLOC_ARENA_MAX=1')
  }).skip(process.platform !== 'linux', 'reads /proc')

  test('sysinfo is what the heartbeat says', async ({ assert, cleanup }) => {
    const { json } = await setUp(cleanup, { enrolled: false })

    assert.deepEqual(await json('sysinfo'), { host: 'desk' })
  })

  test('status --watch looks again until it is told to end', async ({ assert, cleanup }) => {
    const { start } = await setUp(cleanup)
    const watch = start(['--json', 'status', '--watch'])
    let seen = ''
    watch.child.stdout?.on('data', (chunk) => (seen += chunk))
    while (seen.trim().split('\n').length < 2) {
      await setTimeout(50)
    }
    watch.child.kill('SIGINT')

    assert.equal((await watch.ended).exit, 0)
  })

  test('completion knows every command: {$self}')
    .with(['bash', 'zsh', 'fish', 'pwsh'])
    .run(async ({ assert, cleanup }, shell) => {
      const { command } = await setUp(cleanup, { enrolled: false })

      const { exit, stdout } = await command('completion', shell)

      assert.equal(exit, 0)
      for (const word of ['enrol', 'doctor', 'flush', 'unenrol']) {
        assert.include(stdout, word)
      }
    })
})
