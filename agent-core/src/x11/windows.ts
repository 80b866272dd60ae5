import type x11 from 'x11'
import type { X11Connection } from './connection.ts'

/** A window that is on the screen: what it is, and the rectangle it covers with its frame. */
export type VisibleWindow = {
  readonly app: string | null
  readonly title: string | null
  /** Pixels of the desktop. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The predefined atoms that are asked for (X protocol, appendix B). */
const ATOM = { any: 0, wmClass: 67, wmName: 39 } as const
/** Longest property that is read, in units of 4 bytes. */
const PROPERTY_UNITS = 1024
const VIEWABLE = 2
/** How deep a window manager hides a window in frames. */
const MOST_FRAMES = 4

type Atoms = { readonly title: number; readonly utf8: number }
type Client = Pick<VisibleWindow, 'app' | 'title'>

/**
 * Every window that is on the screen of an X server, focused or not, whatever the window manager: the
 * tree of windows itself is read, so that dialogs and menus that no list of clients names are there
 * too. A window with two names (class and instance) is there once for each. Rejects when a window
 * cannot be read: what is not known must not be taken for not there.
 */
export async function visibleWindows(connection: X11Connection): Promise<readonly VisibleWindow[]> {
  const { client, screen } = connection
  const atom = (name: string) =>
    connection.ask<number>((done) => client.InternAtom(false, name, done))
  const [title, utf8] = await Promise.all([atom('_NET_WM_NAME'), atom('UTF8_STRING')])
  const children = await childrenOf(connection, screen.root)
  const windows = await Promise.all(
    children.map((window) => visibleFrame(connection, { title, utf8 }, window))
  )
  return windows.flat()
}

/** A window of the desktop's own, and all programs in it; none where it is not on the screen. */
async function visibleFrame(
  connection: X11Connection,
  atoms: Atoms,
  window: number
): Promise<readonly VisibleWindow[]> {
  const { client } = connection
  try {
    const [attributes, area] = await Promise.all([
      connection.ask<x11.WindowAttributes>((done) => client.GetWindowAttributes(window, done)),
      connection.ask<x11.PlacedGeometry>((done) => client.GetGeometry(window, done)),
    ])
    if (attributes.mapState !== VIEWABLE) {
      return []
    }
    const border = area.borderWidth * 2
    const place = {
      x: area.xPos,
      y: area.yPos,
      width: area.width + border,
      height: area.height + border,
    }
    const clients = await clientsIn(connection, atoms, window, MOST_FRAMES)
    return clients.map((one) => ({ ...one, ...place }))
  } catch (error) {
    if (!connection.isClosed && !(await isThere(connection, window))) {
      return [] // it was closed meanwhile
    }
    throw error
  }
}

async function isThere(connection: X11Connection, window: number): Promise<boolean> {
  const { root } = connection.screen
  return (await childrenOf(connection, root)).includes(window)
}

async function clientsIn(
  connection: X11Connection,
  atoms: Atoms,
  window: number,
  depth: number
): Promise<readonly Client[]> {
  const { data } = await property(connection, window, ATOM.wmClass, ATOM.any)
  if (data.length > 0) {
    const names = new Set(data.toString('latin1').split('\0').filter(Boolean))
    const title = await titleOf(connection, atoms, window)
    return names.size === 0 ? [{ app: null, title }] : [...names].map((app) => ({ app, title }))
  }
  if (depth === 0) {
    return []
  }
  const children = await childrenOf(connection, window)
  const inside = await Promise.all(
    children.map((child) => clientsIn(connection, atoms, child, depth - 1))
  )
  const title = await titleOf(connection, atoms, window)
  return title === null ? inside.flat() : [...inside.flat(), { app: null, title }]
}

async function titleOf(
  connection: X11Connection,
  atoms: Atoms,
  window: number
): Promise<string | null> {
  const { data } = await property(connection, window, atoms.title, atoms.utf8)
  if (data.length > 0) {
    return data.toString('utf8')
  }
  const old = await property(connection, window, ATOM.wmName, ATOM.any)
  return old.data.length === 0 ? null : old.data.toString('latin1')
}

async function childrenOf(connection: X11Connection, window: number): Promise<readonly number[]> {
  const tree = await connection.ask<{ readonly children: readonly number[] }>((done) =>
    connection.client.QueryTree(window, done)
  )
  return tree.children
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
