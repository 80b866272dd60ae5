import { execFile, execFileSync } from 'node:child_process'
import { chmod, link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { encodeSidecar } from '../src/sidecar.ts'
import { Spool } from '../src/spool.ts'
import type { Observation } from '../src/observation.ts'
import { drain } from '../testing/drain.ts'
import { aScreenshot, anEvent, FakeServer, temporaryFolder } from '../testing/main.ts'

const ROOMY = { quota: { minFreeBytes: 0, maxBytes: 1e12 } }
const HEALTHY = 6
const ID = '019a0000-0000-7000-8000-000000000001'

type Cleanup = (work: () => Promise<void>) => void

/** A spool with six healthy items, closed; and a server that waits for them. */
async function aSpool(cleanup: Cleanup) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  cleanup(async () => {
    await server.stop()
    await remove()
  })
  const folder = join(path, 'spool')
  const spool = await Spool.open(folder, ROOMY)
  for (let count = 0; count < HEALTHY; count++) {
    const picture = count % 2 === 0 ? Buffer.from(`picture ${count}`) : undefined
    await spool.put(
      anEvent(spool, picture === undefined ? undefined : aScreenshot(picture)),
      picture
    )
  }
  const healthy = [...spool.oldest('events', 10), ...spool.oldest('media', 10)].map(({ id }) => id)
  await spool.close()
  return { server, folder, healthy }
}

/** Two lives of an agent on a spool: the counters after each, and what was put aside. */
async function live(folder: string, server: FakeServer) {
  const first = await drain(folder, server.url)
  const second = await drain(folder, server.url)
  return { first, second, quarantine: await readdir(join(folder, 'quarantine')) }
}

/** Writes one bad sidecar for each of `bytes`, as items that the spool accepted after its healthy ones. */
async function plant(folder: string, forms: readonly ((sidecar: Buffer) => Buffer)[]) {
  const ids: string[] = []
  for (const [index, form] of forms.entries()) {
    const id = `019a0000-0000-7000-8000-${String(index).padStart(12, '0')}`
    const observation = {
      ...anEvent({ ids: { next: () => id } } as never),
      seq: HEALTHY + 1 + index,
    }
    const sidecar = { observation: observation as Observation, bytes: 0, sha256: null, death: null }
    await writeFile(join(folder, 'queue', `${id}.json`), form(encodeSidecar(sidecar)))
    ids.push(id)
  }
  return ids
}

const SIDECAR_BYTES = encodeSidecar({
  observation: {
    ...anEvent({ ids: { next: () => ID } } as never),
    seq: HEALTHY + 100,
  } as Observation,
  bytes: 0,
  sha256: null,
  death: null,
}).byteLength

const everyByte = (most: number, change: (bytes: Buffer, index: number) => Buffer) =>
  Array.from({ length: most }, (_, index) => (bytes: Buffer) => change(bytes, index))

test.group('a corrupt spool', () => {
  test('each byte of a sidecar flipped, and each shorter length: {0}')
    .with([
      ['all bits', everyByte(SIDECAR_BYTES - 2, (bytes, at) => flipped(bytes, at, 0xff))],
      ['one bit', everyByte(SIDECAR_BYTES - 2, (bytes, at) => flipped(bytes, at, 1 << (at % 8)))],
      ['shorter', everyByte(SIDECAR_BYTES - 2, (bytes, at) => bytes.subarray(0, at))],
      ['longer', everyByte(64, (bytes, at) => Buffer.concat([bytes, Buffer.alloc(at + 1, 10)]))],
      ['too long', [() => Buffer.alloc(600 * 1024, 32)]],
    ] as const)
    .run(async ({ assert, cleanup }, [, forms]) => {
      const { server, folder, healthy } = await aSpool(cleanup)
      const bad = await plant(folder, forms)

      const { first, second, quarantine } = await live(folder, server)

      assert.sameMembers([...server.received.keys()], healthy)
      assert.containsSubset(first, { delivered: HEALTHY, queued: 0, dead: bad.length })
      assert.containsSubset(second, { delivered: HEALTHY, queued: 0, dead: bad.length })
      assert.includeMembers(
        quarantine,
        bad.flatMap((id) => [`${id}.json`, `${id}.json.reason`])
      )
    })

  test('each byte of a payload flipped, and each shorter length', async ({ assert, cleanup }) => {
    const { server, folder, healthy } = await aSpool(cleanup)
    const spool = await Spool.open(folder, ROOMY)
    const picture = Buffer.from('a picture of thirty-two bytes...')
    const bad = []
    for (let index = 0; index < picture.byteLength * 2; index++) {
      const item = anEvent(spool, aScreenshot(picture))
      await spool.put(item, picture)
      bad.push(item.id)
    }
    await spool.close()
    for (const [index, id] of bad.entries()) {
      const at = index >> 1
      const bytes = index % 2 === 0 ? flipped(picture, at, 0x10) : picture.subarray(0, at)
      await writeFile(join(folder, 'queue', `${id}.bin`), bytes)
    }

    const { second, quarantine } = await live(folder, server)

    assert.sameMembers([...server.received.keys()], healthy)
    assert.containsSubset(second, { delivered: HEALTHY, queued: 0, dead: bad.length })
    assert.includeMembers(
      quarantine,
      bad.map((id) => `${id}.json.reason`)
    )
  })

  test('each byte of one ledger flipped, and each length, changes no counter', async ({
    assert,
    cleanup,
  }) => {
    const { server, folder, healthy } = await aSpool(cleanup)
    await live(folder, server)
    const whole = await readFile(join(folder, 'ledger.a'))
    const text = whole.toString().trimEnd().length
    const wrong = []
    for (let at = 0; at < text; at += 1) {
      for (const bytes of [flipped(whole, at, 0xff), whole.subarray(0, at)]) {
        const slot = at % 2 === 0 ? 'ledger.a' : 'ledger.b'
        await writeFile(join(folder, slot), bytes)
        const spool = await Spool.open(folder, ROOMY)
        const { accepted, delivered, queued } = spool.counters()
        wrong.push(
          ...([accepted, delivered, queued].join() === `${HEALTHY},${HEALTHY},0` ? [] : [at])
        )
        await spool.close()
        await writeFile(join(folder, slot), whole)
      }
    }

    assert.isAbove(text, 100)
    assert.deepEqual(wrong, [])
    assert.lengthOf([...server.received.keys()], healthy.length)
  })

  const NAMES = [
    'README',
    '.hidden',
    '-rf',
    '--help',
    'a b',
    'a\nb',
    '%2e%2e%2f',
    '..json',
    '....',
    `${ID}.JSON`,
    `${ID}.json.bak`,
    `${ID}.json~`,
    `${ID.toUpperCase()}.json`,
    'not-a-uuid.json',
    'ü'.repeat(120),
    'n'.repeat(255),
    '<img src=x onerror=alert(1)>',
    '$(reboot)',
    'CON',
    'a\\b',
    'desktop.ini',
    '.nfs000000000001',
  ]
  test('foreign files with hostile names in every folder', async ({ assert, cleanup }) => {
    const { server, folder, healthy } = await aSpool(cleanup)
    for (const where of ['queue', 'dead', 'tmp', 'quarantine', '.']) {
      for (const name of NAMES) {
        await writeFile(join(folder, where, name), 'foreign')
      }
      await writeFile(Buffer.concat([Buffer.from(`${join(folder, where)}/`), NO_UTF8]), 'foreign')
    }

    const { first, second } = await live(folder, server)
    const left = [
      ...(await readdir(join(folder, 'queue'))),
      ...(await readdir(join(folder, 'dead'))),
    ]
    const reasons = (await readdir(join(folder, 'quarantine'))).filter((name) =>
      name.endsWith('.reason')
    )

    assert.sameMembers([...server.received.keys()], healthy)
    assert.containsSubset(first, { delivered: HEALTHY, queued: 0, dead: 0 })
    assert.containsSubset(second, { delivered: HEALTHY, queued: 0, dead: 0 })
    assert.deepEqual(
      left.filter((name) => !name.includes('\ufffd')),
      []
    )
    assert.lengthOf(reasons, NAMES.length * 2)
  })

  /** Things that are no plain file, made under a path. */
  const THINGS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
    'a folder': (path) => mkdir(path),
    'a full folder': (path) => mkdir(join(path, 'x', 'y'), { recursive: true }),
    'a link to a file': (path) => symlink('/etc/hostname', path),
    'a link to a device': (path) => symlink('/dev/zero', path),
    'a link to itself': (path) => symlink(path, path),
    'a link to nothing': (path) => symlink('/nothing/there', path),
    'a pipe': async (path) => execFileSync('mkfifo', [path]),
    'a socket': async (path) => {
      const server = createServer().listen(path)
      await new Promise((resolve) => server.once('listening', resolve))
      server.unref()
    },
  }
  const PLACES = [
    `queue/${ID}.json`,
    `queue/${ID}.bin`,
    `dead/${ID}.json`,
    `tmp/${ID}.json`,
    'ledger.a',
    'ledger.b',
    'lock',
  ]
  for (const [what, make] of Object.entries(THINGS)) {
    test(`${what} in the place of each file`, async ({ assert, cleanup }) => {
      for (const place of PLACES) {
        const { server, folder, healthy } = await aSpool(cleanup)
        execFileSync('rm', ['-rf', join(folder, place)])
        await make(join(folder, place))

        const { second } = await live(folder, server)

        assert.sameMembers([...server.received.keys()], healthy, place)
        assert.containsSubset(second, { delivered: HEALTHY, queued: 0 }, place)
      }
    })
  }

  test('a second name of an item, and a payload that belongs to nobody', async ({
    assert,
    cleanup,
  }) => {
    const { server, folder, healthy } = await aSpool(cleanup)
    await link(join(folder, 'queue', `${healthy[0]}.json`), join(folder, 'queue', `${ID}.json`))
    await writeFile(join(folder, 'queue', `${ID.replace(/1$/, '2')}.bin`), 'left over')

    const { second, quarantine } = await live(folder, server)

    assert.sameMembers([...server.received.keys()], healthy)
    assert.containsSubset(second, { delivered: HEALTHY, queued: 0, dead: 1 })
    assert.include(quarantine, `${ID}.json.reason`)
    assert.deepEqual(await readdir(join(folder, 'queue')), [])
  })

  test('files that may not be read', async ({ assert, cleanup }) => {
    const { server, folder } = await aSpool(cleanup)
    const [first, second, ...rest] = (await readdir(join(folder, 'queue'))).filter((name) =>
      name.endsWith('.json')
    )
    await chmod(join(folder, 'queue', first ?? ''), 0)
    const payload = (await readdir(join(folder, 'queue'))).find(
      (name) => name.endsWith('.bin') && !name.startsWith(first?.slice(0, 36) ?? '')
    )
    await chmod(join(folder, 'queue', payload ?? ''), 0)
    await chmod(join(folder, 'ledger.a'), 0).catch(() => undefined)
    const expected = [second, ...rest]
      .map((name) => name?.slice(0, 36) ?? '')
      .filter((id) => !payload?.startsWith(id))

    const script = join(import.meta.dirname, '../testing/drain.ts')
    // the superuser may read everything: its capabilities are taken away
    const drop =
      process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : []
    const [program = '', ...args] = [...drop, process.execPath, script, folder, server.url]
    for (let life = 0; life < 2; life++) {
      await promisify(execFile)(program, args)
    }

    const quarantine = await readdir(join(folder, 'quarantine'))
    assert.sameMembers([...server.received.keys()], expected)
    assert.includeMembers(quarantine, [`${first}.reason`, `${payload?.slice(0, 36)}.json.reason`])
  })
})

const NO_UTF8 = Buffer.from([0x62, 0xff, 0xfe, 0x64])

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ mask
  return copy
}
