/// <reference path="./x11.d.ts" />
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type x11 from 'x11'
import { Unavailable } from '../unavailable.ts'

/** The npm package `x11`, which the plugins that speak to X bring: agent-core itself needs none. */
export type X11 = typeof x11

/**
 * One connection to an X server, with promises for callbacks: whatever still waits when the server
 * goes away, or when `close` is called, is rejected instead of waiting for ever.
 */
export class X11Connection {
  readonly client: x11.Client
  readonly display: x11.Display
  readonly screen: x11.Screen
  readonly #waiting = new Set<(error: Error) => void>()
  #closed = false

  private constructor(display: x11.Display, screen: x11.Screen) {
    this.client = display.client
    this.display = display
    this.screen = screen
    // the package has one table of atoms for all connections; another server numbers them otherwise
    this.client.atoms = {}
    this.client.atom_names = {}
    this.client.on('end', () => this.#end(new Error('The X server ended the connection')))
    this.client.stream.on('close', () => this.#end(new Error('The connection to X was closed')))
  }

  /**
   * Connects to `name` (`:0`, `host:10.0`) by `x` with the cookie from XAUTHORITY or `~/.Xauthority`.
   * Throws `Unavailable`: `permission` when the server refuses the cookie, else `unavailable`.
   */
  static async open(x: X11, name: string, signal: AbortSignal): Promise<X11Connection> {
    if (!isDisplayName(name)) {
      throw new Unavailable('unavailable', `${name} is not the name of an X display.`)
    }
    await assertCookiesReadable()
    return X11Connection.#connect(x, name, signal)
  }

  static #connect(x: X11, name: string, signal: AbortSignal): Promise<X11Connection> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(signal.reason)
      signal.addEventListener('abort', giveUp, { once: true })

      // buffered, the greeting is one write: a server that refuses it hangs up at once, and a
      // second write would meet a closed socket before its reason was read
      const options = { display: name, bufferRequests: true }
      const client = x.createClient(options, (error, display) => {
        signal.removeEventListener('abort', giveUp)
        const screen = display?.screen[0]
        if (error || !screen) {
          return reject(refusal(name, error ?? new Error('it has no screen')))
        }
        if (signal.aborted) {
          return display.client.stream.destroy()
        }
        resolve(new X11Connection(display, screen))
      })
      client.on('error', (error: Error) => reject(refusal(name, error)))
    })
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Makes one request: `request` hands the callback it gets to a method of the client. */
  ask<Result>(request: (callback: x11.Callback<Result>) => void): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        return reject(new Error('The connection to X is closed'))
      }
      this.#waiting.add(reject)
      request((error, result) => {
        this.#waiting.delete(reject)
        if (error) {
          reject(error)
        } else {
          resolve(result)
        }
        return true
      })
    })
  }

  close(): void {
    this.#end(new Error('The connection to X was closed'))
    this.client.stream.destroy()
  }

  #end(error: Error): void {
    this.#closed = true
    for (const reject of this.#waiting) {
      reject(error)
    }
    this.#waiting.clear()
  }
}

/** The package throws where nobody can catch it when the number is no TCP port above 6000. */
function isDisplayName(name: string): boolean {
  const number = /:(\d{1,5})(?:\.\d+)?$/.exec(name)?.[1]
  return number !== undefined && Number(number) < 59_536
}

/** The package throws where nobody can catch it when the cookie file is there and not readable. */
async function assertCookiesReadable(): Promise<void> {
  const path = process.env.XAUTHORITY || join(homedir(), '.Xauthority')
  try {
    await readFile(path)
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') {
      const text = `The X cookie file ${path} cannot be read; set XAUTHORITY to one that can.`
      throw new Unavailable('permission', text, { cause })
    }
  }
}

function systemCode(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null
}

function refusal(name: string, cause: Error): Unavailable {
  if (/authori[sz]ation|authenticat|no protocol specified/i.test(cause.message)) {
    const text = `The X server ${name} does not let this account in: set XAUTHORITY to its cookie file.`
    return new Unavailable('permission', text, { cause })
  }
  return new Unavailable('unavailable', `No X server answers on ${name}.`, { cause })
}
