import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** What the way between agent and server does to one connection. Sizes are bytes. */
export type Fault =
  /** Everything comes this much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Everything comes in pieces of this size, each a write of its own. */
  | { readonly kind: 'slices'; readonly bytes: number }
  /** The connection is reset after the agent has sent so much. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The server gets all and answers; the agent never hears of it. */
  | { readonly kind: 'reply_lost' }
  /** Half of the answer arrives, then the connection ends. */
  | { readonly kind: 'half_reply' }
  /** The answer says that it is so much longer (or shorter) than it is. */
  | { readonly kind: 'wrong_length'; readonly by: number }
  /** Somebody else answers: 200 and a page to sign in. */
  | { readonly kind: 'captive_portal' }
  /** Somebody else answers with a small text that inflates to a gigabyte, or that never ends. */
  | { readonly kind: 'gzip_bomb' }
  | { readonly kind: 'endless_reply' }
  /** Connections stand, and nothing passes. */
  | { readonly kind: 'silence' }

export type FaultKind = Fault['kind']

const PORTAL = '<!doctype html><title>Sign in to this network</title>'

/**
 * A bad network on this machine: it stands between an agent and its server (`upstream`, a URL) and
 * does `fault` to each new connection. `injected` counts what really happened.
 */
export class FaultProxy {
  fault: Fault | null = null
  readonly injected = new Map<FaultKind, number>()
  readonly #upstream: URL
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(upstream: string) {
    this.#upstream = new URL(upstream)
    this.#server = createServer((client) => this.#accept(client))
  }

  static async start(upstream: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Cuts every connection, so that the next request meets the fault of now. */
  cut(): void {
    this.#sockets.forEach((socket) => socket.destroy())
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.cut()
    await closed
  }

  #accept(client: Socket): void {
    const fault = this.fault
    this.#keep(client)
    client.setNoDelay(true)
    switch (fault?.kind) {
      case 'captive_portal':
        return this.#answer(client, fault, 'text/html', [], Buffer.from(PORTAL))
      case 'gzip_bomb':
        return this.#answer(
          client,
          fault,
          'application/json',
          ['content-encoding: gzip'],
          gzipSync(Buffer.alloc(100_000_000, '{'))
        )
      case 'endless_reply':
        return this.#endless(client, fault)
      case 'silence':
        client.on('data', () => this.#count(fault))
        return
      default:
        this.#pass(client, fault)
    }
  }

  #pass(client: Socket, fault: Fault | null): void {
    const server = connect(Number(this.#upstream.port), this.#upstream.hostname)
    this.#keep(server)
    server.setNoDelay(true)
    client.once('close', () => server.destroy())
    void this.#forward(client, server, fault, 'request')
    void this.#forward(server, client, fault, 'reply')
  }

  async #forward(from: Socket, to: Socket, fault: Fault | null, what: 'request' | 'reply') {
    let passed = 0
    try {
      for await (const data of from as AsyncIterable<Buffer>) {
        for (const piece of await this.#bent(data, passed, to, fault, what)) {
          if (to.destroyed) {
            return
          }
          await new Promise<void>((resolve) => to.write(piece, () => resolve()))
          passed += piece.byteLength
        }
      }
      to.end()
    } catch {
      to.destroy() // the other side is gone: so is this one
    }
  }

  /** What becomes of bytes on their way, in pieces that are written one by one. */
  async #bent(
    data: Buffer,
    passed: number,
    to: Socket,
    fault: Fault | null,
    what: 'request' | 'reply'
  ): Promise<readonly Buffer[]> {
    switch (fault?.kind) {
      case 'latency':
        this.#count(fault)
        await wait(fault.ms)
        return [data]
      case 'slices':
        this.#count(fault)
        return slicesOf(data, fault.bytes)
      case 'reset':
        if (what === 'request' && passed + data.byteLength > fault.afterBytes) {
          this.#count(fault)
          setImmediate(() => this.#sockets.forEach((socket) => socket.resetAndDestroy()))
          return [data.subarray(0, fault.afterBytes - passed)]
        }
        return [data]
      case 'reply_lost':
        if (what === 'reply') {
          this.#count(fault)
          to.destroy()
        }
        return [data]
      case 'half_reply':
        if (what === 'reply') {
          this.#count(fault)
          setImmediate(() => to.end())
          return [data.subarray(0, data.byteLength - Math.ceil(bodyOf(data) / 2))]
        }
        return [data]
      case 'wrong_length':
        if (what === 'reply') {
          this.#count(fault)
          return [withLength(data, fault.by)]
        }
        return [data]
      default:
        return [data]
    }
  }

  #answer(client: Socket, fault: Fault, type: string, headers: readonly string[], body: Buffer) {
    client.once('data', () => {
      this.#count(fault)
      const head = [
        'HTTP/1.1 200 OK',
        `content-type: ${type}`,
        `content-length: ${body.byteLength}`,
      ]
      client.end(
        Buffer.concat([Buffer.from(`${[...head, ...headers].join('\r\n')}\r\n\r\n`), body])
      )
      client.resume()
    })
  }

  #endless(client: Socket, fault: Fault): void {
    client.once('data', () => {
      this.#count(fault)
      client.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n')
      const more = () => {
        while (!client.destroyed && client.write(Buffer.alloc(65_536, ' ')));
      }
      client.on('drain', more)
      client.resume()
      more()
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #count({ kind }: Fault): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + 1)
  }
}

function slicesOf(data: Buffer, bytes: number): readonly Buffer[] {
  const count = Math.ceil(data.byteLength / bytes)
  return Array.from({ length: count }, (_, index) =>
    data.subarray(index * bytes, (index + 1) * bytes)
  )
}

function bodyOf(data: Buffer): number {
  const blank = data.indexOf('\r\n\r\n')
  return blank < 0 ? data.byteLength : data.byteLength - blank - 4
}

/** An answer whose length is not the one it has. A chunked one gets a length at all. */
function withLength(data: Buffer, by: number): Buffer {
  const text = data.toString('latin1')
  const wrong = bodyOf(data) + by
  return Buffer.from(
    text
      .replace(/content-length: \d+/i, `content-length: ${wrong}`)
      .replace(/transfer-encoding: chunked/i, `content-length: ${wrong}`),
    'latin1'
  )
}
