import type x11 from 'x11'
import { windowsOf, type Size } from './demo_scene.ts'
import type { X11Connection } from './x11_connection.ts'

/** How long each window of the demo is in front, in seconds, again and again: by its place in `windowsOf`. */
const IN_FRONT: readonly { readonly window: number; readonly seconds: number }[] = [
  { window: 0, seconds: 40 },
  { window: 1, seconds: 15 },
  { window: 0, seconds: 20 },
  { window: 2, seconds: 25 },
]
const ROUND_SECONDS = IN_FRONT.reduce((sum, { seconds }) => sum + seconds, 0)
/** Of each minute the person of the demo uses the pointer this long, in seconds. */
const BUSY_SECONDS = 42

/** What the person of the demo does, `seconds` after it began: the window in front, and whether there is input. */
export function demoMoment(seconds: number): { window: number; hasInput: boolean } {
  let left = seconds % ROUND_SECONDS
  const now = IN_FRONT.find((span) => (left -= span.seconds) < 0)
  return { window: now?.window ?? 0, hasInput: seconds % 60 < BUSY_SECONDS }
}

const REPLACE = 0
/** Predefined atoms (X protocol, appendix B). */
const ATOM = { string: 31, window: 33, wmClass: 67, wmName: 39 } as const
const INPUT_ONLY = 2
const MOTION = 6

/**
 * Gives the drawn windows of the demo desktop what real ones have: a window each, with class and
 * title (ICCCM, EWMH), and on the root which of them is active, as a window manager says it.
 */
export class DemoWindows {
  readonly #connection: X11Connection
  readonly #xtest: x11.Xtest
  readonly #windows: readonly number[]
  readonly #active: number
  #steps = 0

  private constructor(
    connection: X11Connection,
    xtest: x11.Xtest,
    windows: readonly number[],
    active: number
  ) {
    this.#connection = connection
    this.#xtest = xtest
    this.#windows = windows
    this.#active = active
  }

  static async open(connection: X11Connection, size: Size): Promise<DemoWindows> {
    const { client, screen } = connection
    const atom = (name: string) =>
      connection.ask<number>((done) => client.InternAtom(false, name, done))
    const [active, list, stacking, name, utf8, xtest] = await Promise.all([
      atom('_NET_ACTIVE_WINDOW'),
      atom('_NET_CLIENT_LIST'),
      atom('_NET_CLIENT_LIST_STACKING'),
      atom('_NET_WM_NAME'),
      atom('UTF8_STRING'),
      connection.ask<x11.Xtest>((done) => client.require('xtest', done)),
    ])
    const windows = windowsOf(size).map(({ app, title, x, y, width, height }) => {
      const window = client.AllocID()
      client.CreateWindow(window, screen.root, x, y, width, height, 0, 0, INPUT_ONLY, 0, {
        overrideRedirect: true,
      })
      const wmClass = Buffer.from(`${app.toLowerCase()}\0${app}\0`, 'latin1')
      client.ChangeProperty(REPLACE, window, ATOM.wmClass, ATOM.string, 8, wmClass)
      client.ChangeProperty(REPLACE, window, ATOM.wmName, ATOM.string, 8, Buffer.from(title))
      client.ChangeProperty(REPLACE, window, name, utf8, 8, Buffer.from(title))
      client.MapWindow(window)
      return window
    })
    client.ChangeProperty(REPLACE, screen.root, list, ATOM.window, 32, windows)
    client.ChangeProperty(REPLACE, screen.root, stacking, ATOM.window, 32, windows)
    return new DemoWindows(connection, xtest, windows, active)
  }

  /** Brings a window to the front and moves the pointer a little, as `demoMoment` says. */
  show({ window, hasInput }: ReturnType<typeof demoMoment>): void {
    const { client, screen } = this.#connection
    const active = this.#windows[window] ?? 0
    client.ChangeProperty(REPLACE, screen.root, this.#active, ATOM.window, 32, [active])
    if (hasInput) {
      this.#steps += 1
      this.#xtest.FakeInput(MOTION, 0, 0, screen.root, 100 + (this.#steps % 50), 100)
    }
  }
}
