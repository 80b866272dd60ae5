import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerOptions } from 'node:https'
import { createServer as createPlainServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { test } from '@japa/runner'
import { ApiClient } from '../src/api_client.ts'
import { trustAuthority } from '../src/authority.ts'
import type { Observation } from '../src/observation.ts'
import { UuidSource } from '../src/uuid.ts'
import { anEvent, temporaryFolder } from '../testing/main.ts'

type Cleanup = (work: () => Promise<void> | void) => void

const ids = new UuidSource(Date.now)
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** A folder with an authority, and a way to make certificates of it. */
async function authority(cleanup: Cleanup) {
  const { path, remove } = await temporaryFolder()
  cleanup(remove)
  const at = (name: string) => join(path, name)
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', [...args], { stdio: 'ignore' })
  const root = (name: string) => {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE']
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
    openssl('req', '-x509', ...CURVE, ...files, '-days', '2', ...subject)
  }
  root('ours')
  root('theirs')
  return {
    pem: readFileSync(at('ours.pem'), 'utf8'),
    issue({ by = 'ours', name = 'IP:127.0.0.1', days = '2' }) {
      openssl('req', ...CURVE, '-keyout', at('a.key'), '-out', at('a.csr'), '-subj', '/CN=spec')
      writeFileSync(at('names'), `subjectAltName=${name}`)
      const signer = ['-CA', at(`${by}.pem`), '-CAkey', at(`${by}.key`), '-CAcreateserial']
      const request = ['-req', '-in', at('a.csr'), '-extfile', at('names'), '-out', at('a.pem')]
      openssl('x509', ...request, ...signer, '-days', days)
      return { cert: readFileSync(at('a.pem')), key: readFileSync(at('a.key')) }
    },
  }
}

/** A server that counts what it was told within TLS. */
async function listening(cleanup: Cleanup, options: ServerOptions) {
  const heard = { bytes: 0, requests: 0, connections: 0 }
  const server = createServer(options, (request, response) => {
    heard.requests += 1
    request.resume().on('end', () => response.writeHead(503).end())
  })
  server.on('connection', () => {
    heard.connections += 1
  })
  server.on('secureConnection', (socket) => {
    socket.on('data', (data: Buffer) => {
      heard.bytes += data.length
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { heard, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function deliverTo(server: string) {
  const api = new ApiClient({ server })
  const observation = { ...anEvent({ ids }), seq: 1 } as Observation
  const items = [{ observation, payload: null }]
  const [verdict] = await api.deliver(items, { token: 'secret' }, AbortSignal.timeout(8_000))
  api.close()
  return verdict
}

test.group('TLS', (group) => {
  group.each.setup(() => {
    const trusted = getCACertificates('default')
    return () => setDefaultCACertificates(trusted)
  })

  test('a server of an authority that is trusted is told', async ({ assert, cleanup }) => {
    const ca = await authority(cleanup)
    const { heard, url } = await listening(cleanup, ca.issue({}))
    trustAuthority(ca.pem)

    await deliverTo(url)

    assert.equal(heard.requests, 1)
    assert.isAbove(heard.bytes, 0)
  })

  test('{what} is told nothing, and the items are kept')
    .with([
      { what: 'a certificate that has expired', cert: { days: '-1' } },
      { what: 'a certificate for another name', cert: { name: 'DNS:elsewhere.example' } },
      { what: 'a certificate of an authority nobody knows', cert: { by: 'theirs' } },
    ])
    .run(async ({ assert, cleanup }, { cert }) => {
      const ca = await authority(cleanup)
      const { heard, url } = await listening(cleanup, ca.issue(cert))
      trustAuthority(ca.pem)

      const verdict = await deliverTo(url)

      assert.equal(verdict?.status, 'keep')
      assert.isAbove(heard.connections, 0)
      assert.deepEqual([heard.bytes, heard.requests], [0, 0])
    })

  test('a machine that switched the checks off for all of Node is told nothing either', async ({
    assert,
    cleanup,
  }) => {
    const ca = await authority(cleanup)
    const { heard, url } = await listening(cleanup, ca.issue({ by: 'theirs' }))
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    cleanup(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    })

    const verdict = await deliverTo(url)

    assert.equal(verdict?.status, 'keep')
    assert.deepEqual([heard.bytes, heard.requests], [0, 0])
  })

  test('a server that speaks TLS 1.1 at the most is told nothing', async ({ assert, cleanup }) => {
    const ca = await authority(cleanup)
    const old: ServerOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }
    const { heard, url } = await listening(cleanup, {
      ...ca.issue({}),
      ...old,
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    trustAuthority(ca.pem)

    const verdict = await deliverTo(url)

    assert.equal(verdict?.status, 'keep')
    assert.deepEqual([heard.bytes, heard.requests], [0, 0])
  })

  test('a port that answers in the clear is told nothing but the greeting of TLS', async ({
    assert,
    cleanup,
  }) => {
    const heard: Buffer[] = []
    const server = createPlainServer((socket) => {
      socket.on('data', (data) => heard.push(data))
      socket.end('HTTP/1.1 200 OK\r\n\r\n')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanup(async () => {
      server.close()
      await once(server, 'close')
    })

    const verdict = await deliverTo(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)

    assert.equal(verdict?.status, 'keep')
    const text = Buffer.concat(heard).toString('latin1')
    assert.notInclude(text, 'secret')
    assert.notInclude(text, 'POST')
  })
})
