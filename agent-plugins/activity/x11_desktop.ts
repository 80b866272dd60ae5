import { Unavailable } from '@worksight/agent-core'
import { X11Connection } from '@worksight/agent-core/x11'
import x11 from 'x11'
import type { Desktop, ForegroundWindow, Look } from './desktop.ts'
import { LogindLock, type LockState } from './lock_state.ts'
import { X11Locker } from './x11_locker.ts'

/** The predefined atoms that are asked for (X protocol, appendix B). */
const ATOM = { any: 0, wmClass: 67, wmName: 39 } as const
/** Longest property that is read, in units of 4 bytes. */
const PROPERTY_UNITS = 1024
/** State of MIT-SCREEN-SAVER while the saver covers the screen. */
const SAVER_ON = 1
/** `None` and `PointerRoot` as GetInputFocus answers them. */
const NO_FOCUS = 1
/** What is said of an X server that knows no idle time. */
const NO_IDLE_TIME = {
  state: 'degraded',
  reason: 'This X server lacks MIT-SCREEN-SAVER, so nobody can tell when there was input.',
} as const
/** What a question about a window that is not there any more is answered with. */
const GONE = Symbol('the window was closed')
/** How many parents of the focused window are asked for a class; more are no desktop's. */
const MOST_PARENTS = 16

type Atoms = Record<
  '_NET_ACTIVE_WINDOW' | '_NET_WM_NAME' | '_NET_WM_PID' | '_SCREENSAVER_STATUS' | 'UTF8_STRING',
  number
>

type Session = {
  readonly connection: X11Connection
  readonly atoms: Atoms
  /** Null where the server does not count idle time. */
  readonly saver: x11.ScreenSaver | null
  readonly locker: X11Locker
}

/** The window that the last look found, by its number on the server. */
type Seen = { readonly id: number; readonly window: ForegroundWindow }

/**
 * Reads an X11 desktop over one long-lived connection: the active window as its window manager names
 * it (EWMH), or the one with the keyboard where there is none, idle time from MIT-SCREEN-SAVER, the
 * screensaver from there and from xscreensaver, and lockers by their window. A connection that was lost is opened again by the next look.
 */
export class X11Desktop implements Desktop {
  readonly name = 'x11'
  readonly #server: string | undefined
  readonly #lock: LockState
  #session: Session | null = null
  #seen: Seen | null = null

  /** `server` is a display name such as `:0`; by default what DISPLAY says. */
  constructor(
    server: string | undefined = process.env.DISPLAY,
    lock: LockState = new LogindLock()
  ) {
    this.#server = server
    this.#lock = lock
  }

  async look(signal: AbortSignal): Promise<Look> {
    signal.throwIfAborted()
    const session = await this.#opened(signal)
    const giveUp = () => session.connection.close()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const [saver, isCovered, isLocking, window] = await Promise.all([
        this.#saver(session),
        isCoveredByProgram(session),
        session.locker.isLocking(),
        this.#window(session),
      ])
      const isLocked = this.#lock.isLocked() || saver?.state === SAVER_ON || isCovered || isLocking
      return {
        window,
        idleMs: saver?.idle ?? null,
        isLocked,
        withheld: saver === null ? NO_IDLE_TIME : null,
      }
    } catch (error) {
      await this.close()
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  async close(): Promise<void> {
    this.#session?.connection.close()
    this.#session = null
    this.#seen = null
  }

  async #opened(signal: AbortSignal): Promise<Session> {
    if (this.#session !== null && !this.#session.connection.isClosed) {
      return this.#session
    }
    if (!this.#server) {
      throw new Unavailable('unavailable', 'There is no X display here: DISPLAY is not set.')
    }
    const connection = await X11Connection.open(x11, this.#server, signal)
    try {
      await assertNoXwayland(connection)
      const atoms = await atomsOf(connection)
      const [saver, locker] = await Promise.all([saverOf(connection), X11Locker.on(connection)])
      this.#session = { connection, atoms, saver, locker }
      return this.#session
    } catch (error) {
      connection.close()
      throw error
    }
  }

  async #saver({ connection, saver }: Session): Promise<x11.ScreenSaverInfo | null> {
    return saver === null
      ? null
      : connection.ask((done) => saver.QueryInfo(connection.screen.root, done))
  }

  async #window(session: Session): Promise<ForegroundWindow | null> {
    try {
      const known = this.#seen
      // asked together with which window it is: most looks find the one that they found before
      const guess = known === null ? null : titleOf(session, known.id).catch(() => GONE)
      const id = (await activeWindow(session)) ?? (await focusedWindow(session))
      // a server gives the number of a closed window to the next one: the title tells them apart
      if (known?.id === id && known?.window.title === (await guess)) {
        return known.window
      }
      this.#seen = id === null ? null : { id, window: await windowOf(session, id) }
      return this.#seen?.window ?? null
    } catch (error) {
      if (session.connection.isClosed) {
        throw error
      }
      // the window was closed before it was asked what it is; a window manager may go on naming it
      this.#seen = null
      return null
    }
  }
}

async function atomsOf(connection: X11Connection): Promise<Atoms> {
  const atom = (name: string) =>
    connection.ask<number>((done) => connection.client.InternAtom(false, name, done))
  const [active, name, pid, saver, utf8] = await Promise.all([
    atom('_NET_ACTIVE_WINDOW'),
    atom('_NET_WM_NAME'),
    atom('_NET_WM_PID'),
    atom('_SCREENSAVER_STATUS'),
    atom('UTF8_STRING'),
  ])
  return {
    _NET_ACTIVE_WINDOW: active,
    _NET_WM_NAME: name,
    _NET_WM_PID: pid,
    _SCREENSAVER_STATUS: saver,
    UTF8_STRING: utf8,
  }
}

async function saverOf(connection: X11Connection): Promise<x11.ScreenSaver | null> {
  try {
    return await connection.ask((done) => connection.client.require('screen-saver', done))
  } catch (error) {
    if (connection.isClosed) {
      throw error
    }
    return null
  }
}

/** Throws `Unavailable` on Xwayland, which knows of X11 windows alone and of their input alone. */
async function assertNoXwayland(connection: X11Connection): Promise<void> {
  const { present } = await connection.ask<{ present: number }>((done) =>
    connection.client.QueryExtension('XWAYLAND', done)
  )
  if (present) {
    throw new Unavailable('unavailable', WAYLAND)
  }
}

/** Why a Wayland session gives no reading. */
export const WAYLAND =
  'This is a Wayland session: no program is told which window is in front, nor when there was input.'

/**
 * Whether xscreensaver, which is a program of its own and not the server's saver, has blanked or locked
 * the screen: the first number of what it says on the root window is 0 while it has not.
 */
async function isCoveredByProgram({ connection, atoms }: Session): Promise<boolean> {
  const { root } = connection.screen
  const { data, format } = await property(connection, root, atoms._SCREENSAVER_STATUS, ATOM.any)
  return format === 32 && data.length >= 4 && data.readUInt32LE(0) !== 0
}

/** What the window manager calls active; null where there is none, or no window manager. */
async function activeWindow({ connection, atoms }: Session): Promise<number | null> {
  const { root } = connection.screen
  const { data, format } = await property(connection, root, atoms._NET_ACTIVE_WINDOW, ATOM.any)
  const window = format === 32 && data.length >= 4 ? data.readUInt32LE(0) : 0
  return window === 0 ? null : window
}

/** The window with the keyboard or the parent of it that has a class: the one a person sees. */
async function focusedWindow({ connection }: Session): Promise<number | null> {
  const { client, screen } = connection
  const { focus } = await connection.ask<{ focus: number }>((done) => client.GetInputFocus(done))
  let window = focus
  for (let asked = 0; asked < MOST_PARENTS; asked++) {
    if (window <= NO_FOCUS || window === screen.root) {
      return null
    }
    const { data } = await property(connection, window, ATOM.wmClass, ATOM.any)
    if (data.length > 0) {
      return window
    }
    const child = window
    const tree = await connection.ask<{ parent: number }>((done) => client.QueryTree(child, done))
    window = tree.parent
  }
  return null
}

async function windowOf(session: Session, window: number): Promise<ForegroundWindow> {
  const { connection, atoms } = session
  const [title, wmClass, wmPid] = await Promise.all([
    titleOf(session, window),
    property(connection, window, ATOM.wmClass, ATOM.any),
    property(connection, window, atoms._NET_WM_PID, ATOM.any),
  ])
  const [instance, name] = wmClass.data.toString('latin1').split('\0')
  const pid = wmPid.format === 32 && wmPid.data.length >= 4 ? wmPid.data.readUInt32LE(0) : null
  return { app: name || instance || null, title, pid }
}

async function titleOf({ connection, atoms }: Session, window: number): Promise<string | null> {
  const { data } = await property(connection, window, atoms._NET_WM_NAME, atoms.UTF8_STRING)
  if (data.length > 0) {
    return data.toString('utf8')
  }
  const old = await property(connection, window, ATOM.wmName, ATOM.any)
  return old.data.length === 0 ? null : oldText(old.data)
}

/** What surrounds UTF-8 inside text of the older encodings (X.Org's COMPOUND_TEXT). */
const UTF8_PART = { begin: '\u001b%G', end: '\u001b%@' } as const

/** A title from before UTF-8: Latin-1, with UTF-8 where it says so. */
function oldText(data: Buffer): string {
  const [latin = '', ...parts] = data.toString('latin1').split(UTF8_PART.begin)
  return parts.reduce((text, part) => {
    const [utf8 = '', after = ''] = part.split(UTF8_PART.end)
    return text + Buffer.from(utf8, 'latin1').toString('utf8') + after
  }, latin)
}

function property(
  connection: X11Connection,
  window: number,
  name: number,
  type: number
): Promise<x11.Property> {
  return connection.ask((done) =>
    connection.client.GetProperty(0, window, name, type, 0, PROPERTY_UNITS, done)
  )
}
