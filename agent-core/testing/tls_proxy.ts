import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'

/** TLS before a server of this machine, with a certificate of an authority that no system knows. Needs `openssl`. */
export class TlsProxy {
  /** PEM file of the authority. */
  readonly authority: string
  readonly #server: Server

  private constructor(server: Server, authority: string) {
    this.#server = server
    this.authority = authority
  }

  /** Files go to `folder`; `target` is the server's http address. */
  static async start(folder: string, target: string): Promise<TlsProxy> {
    const [key, cert] = [join(folder, 'authority.key'), join(folder, 'authority.pem')]
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ]
    execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], {
      stdio: 'pipe',
    })
    const { hostname, port } = new URL(target)
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
      const upstream = connect(Number(port), hostname)
      socket.on('error', () => upstream.destroy())
      upstream.on('error', () => socket.destroy())
      socket.pipe(upstream).pipe(socket)
    })
    server.on('tlsClientError', () => undefined) // a client that does not trust it is the point
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new TlsProxy(server, cert)
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
