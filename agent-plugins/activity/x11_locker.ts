import { readFile } from 'node:fs/promises'
import type { X11Connection } from '@worksight/agent-core/x11'
import type x11 from 'x11'

/** Lockers that tell nobody else, by the class of their window or the name of their program. */
const LOCKERS: ReadonlySet<string> = new Set(['i3lock', 'slock', 'xsecurelock'])
/** How many pixels a locker may leave free at each edge; xsecurelock leaves one. */
const EDGE = 1
const VIEWABLE = 2
/** No window, as QueryPointer says it. */
const NONE = 0
/** WM_CLASS, and any type of it (X protocol, appendix B). */
const ATOM = { any: 0, wmClass: 67 } as const
/** Longest WM_CLASS that is read, in units of 4 bytes. */
const CLASS_UNITS = 64
/** X-Resource names a client by the process that made it, where that runs on the server's machine. */
const LOCAL_PID = 2

/**
 * Whether a known screen locker covers the display: the window under the pointer or the highest one, which is no
 * window manager's, takes all of the screen, and by its class or its program is a locker's. Lockers such as
 * slock give their window no class, so the server is asked whose it is. Nothing is grabbed for it.
 */
export class X11Locker {
  readonly #connection: X11Connection
  readonly #resources: x11.Resources | null

  private constructor(connection: X11Connection, resources: x11.Resources | null) {
    this.#connection = connection
    this.#resources = resources
  }

  static async on(connection: X11Connection): Promise<X11Locker> {
    try {
      const resources = await connection.ask<x11.Resources>((done) =>
        connection.client.require('res', done)
      )
      return new X11Locker(connection, resources)
    } catch (error) {
      if (connection.isClosed) {
        throw error
      }
      return new X11Locker(connection, null)
    }
  }

  async isLocking(): Promise<boolean> {
    const { client, screen } = this.#connection
    const [pointer, tree] = await Promise.all([
      this.#connection.ask<x11.Pointer>((done) => client.QueryPointer(screen.root, done)),
      this.#connection.ask<x11.Tree>((done) => client.QueryTree(screen.root, done)),
    ])
    // a compositor's overlay takes the pointer and is in no tree: what it shows lies highest there
    const windows = new Set([pointer.child, tree.children.at(-1) ?? NONE])
    windows.delete(NONE)
    const answers = await Promise.all([...windows].map((window) => this.#isLock(window)))
    return answers.includes(true)
  }

  async #isLock(window: number): Promise<boolean> {
    try {
      return (await this.#coversScreen(window)) && (await this.#isLocker(window))
    } catch (error) {
      if (this.#connection.isClosed) {
        throw error
      }
      return false // it was closed meanwhile
    }
  }

  async #coversScreen(window: number): Promise<boolean> {
    const { client, screen } = this.#connection
    const areaOf = (drawable: number) =>
      this.#connection.ask<x11.PlacedGeometry>((done) => client.GetGeometry(drawable, done))
    const [attributes, area, whole] = await Promise.all([
      this.#connection.ask<x11.WindowAttributes>((done) =>
        client.GetWindowAttributes(window, done)
      ),
      areaOf(window),
      areaOf(screen.root),
    ])
    return (
      attributes.overrideRedirect === 1 &&
      attributes.mapState === VIEWABLE &&
      area.xPos <= EDGE &&
      area.yPos <= EDGE &&
      area.xPos + area.width >= whole.width - EDGE &&
      area.yPos + area.height >= whole.height - EDGE
    )
  }

  async #isLocker(window: number): Promise<boolean> {
    const { data } = await this.#connection.ask<x11.Property>((done) =>
      this.#connection.client.GetProperty(0, window, ATOM.wmClass, ATOM.any, 0, CLASS_UNITS, done)
    )
    const names = data.toString('latin1').toLowerCase().split('\0')
    return names.some((name) => LOCKERS.has(name)) || LOCKERS.has(await this.#programOf(window))
  }

  /** The name of the program that made a window; empty where nobody knows. */
  async #programOf(window: number): Promise<string> {
    const resources = this.#resources
    if (resources === null) {
      return ''
    }
    const owners = await this.#connection.ask<readonly x11.ClientId[]>((done) =>
      resources.QueryClientIds([{ client: window, mask: LOCAL_PID }], done)
    )
    const pid = owners.find(({ mask }) => mask === LOCAL_PID)?.value[0] ?? 0
    try {
      return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim()
    } catch {
      return '' // it ended, or the X server runs on another machine or system
    }
  }
}
