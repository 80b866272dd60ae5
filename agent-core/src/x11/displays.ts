import type { Display } from '../../contract/heartbeat.ts'
import { LIMITS } from '../../contract/limits.ts'
import type x11 from 'x11'
import type { X11Connection } from './connection.ts'

/**
 * The displays of an X server as they are now, in pixels of the root window: RandR's active CRTCs,
 * or Xinerama's screens where it knows more (drivers that show RandR one wide CRTC), else the root
 * window as one. Displays that show the same rectangle (a mirrored projector) are one.
 */
export async function listDisplays(connection: X11Connection): Promise<Display[]> {
  const { client, screen } = connection
  const [root, randr, xinerama] = await Promise.all([
    connection.ask<x11.Geometry>((done) => client.GetGeometry(screen.root, done)),
    fromRandr(connection),
    fromXinerama(connection),
  ])
  const byRandr = distinct(randr, root)
  const byXinerama = distinct(xinerama, root)
  const displays = byXinerama.length > byRandr.length ? byXinerama : byRandr
  if (displays.length === 0) {
    return [{ id: 'screen', x: 0, y: 0, width: root.width, height: root.height, primary: true }]
  }
  return withOnePrimary(displays.slice(0, LIMITS.displays))
}

function distinct(found: readonly Display[] | null, root: x11.Geometry): Display[] {
  const displays = new Map<string, Display>()
  for (const display of found ?? []) {
    const inside = clip(display, root)
    const place = `${inside.x},${inside.y},${inside.width},${inside.height}`
    if (inside.width > 0 && inside.height > 0 && !displays.has(place)) {
      displays.set(place, inside)
    }
  }
  return [...displays.values()]
}

/**
 * Whether this X server is Xwayland: it shows X11 windows alone, and what it gives for the whole
 * screen is black.
 */
export async function isXwayland(connection: X11Connection): Promise<boolean> {
  const extension = await connection.ask<{ present: number }>((done) =>
    connection.client.QueryExtension('XWAYLAND', done)
  )
  if (extension.present) {
    return true
  }
  const displays = (await fromRandr(connection)) ?? []
  return displays.some((display) => display.id.startsWith('XWAYLAND'))
}

async function fromRandr(connection: X11Connection): Promise<Display[] | null> {
  const { client, screen } = connection
  try {
    const randr = await connection.ask<x11.Randr>((done) => client.require('randr', done))
    const [resources, primary] = await Promise.all([
      connection.ask<{ config_timestamp: number; crtcs: number[] }>((done) =>
        randr.GetScreenResourcesCurrent(screen.root, done)
      ),
      connection.ask<number>((done) => randr.GetOutputPrimary(screen.root, done)),
    ])
    const timestamp = resources.config_timestamp
    const displays = await Promise.all(
      resources.crtcs.map((crtc) => displayOf(connection, randr, crtc, timestamp, primary))
    )
    return displays.filter((display) => display !== null)
  } catch (error) {
    return missing(connection, error)
  }
}

async function displayOf(
  connection: X11Connection,
  randr: x11.Randr,
  crtc: number,
  timestamp: number,
  primary: number
): Promise<Display | null> {
  const area = await connection.ask<x11.Rectangle & { mode: number; output: number[] }>((done) =>
    randr.GetCrtcInfo(crtc, timestamp, done)
  )
  const output = area.output.includes(primary) ? primary : area.output[0]
  if (area.mode === 0 || output === undefined) {
    return null
  }
  const { name } = await connection.ask<{ name: string }>((done) =>
    randr.GetOutputInfo(output, timestamp, done)
  )
  return {
    id: name.slice(0, 64) || `crtc-${crtc}`,
    x: area.x,
    y: area.y,
    width: area.width,
    height: area.height,
    primary: output === primary,
  }
}

async function fromXinerama(connection: X11Connection): Promise<Display[] | null> {
  try {
    const xinerama = await connection.ask<x11.Xinerama>((done) =>
      connection.client.require('xinerama', done)
    )
    const active = await connection.ask<number>((done) => xinerama.IsActive(done))
    if (!active) {
      return null
    }
    const areas = await connection.ask<x11.Rectangle[]>((done) => xinerama.QueryScreens(done))
    return areas.map((area, index) => ({ id: `screen-${index}`, ...area, primary: index === 0 }))
  } catch (error) {
    return missing(connection, error)
  }
}

/** An extension that the server lacks is no answer; a server that is gone is an error. */
function missing(connection: X11Connection, error: unknown): null {
  if (connection.isClosed) {
    throw error
  }
  return null
}

function clip(display: Display, root: x11.Geometry): Display {
  const x = Math.max(0, display.x)
  const y = Math.max(0, display.y)
  return {
    ...display,
    x,
    y,
    width: Math.min(display.x + display.width, root.width) - x,
    height: Math.min(display.y + display.height, root.height) - y,
  }
}

function withOnePrimary(displays: readonly Display[]): Display[] {
  const marked = displays.findIndex((display) => display.primary)
  const primary = Math.max(0, marked)
  return displays.map((display, index) => ({ ...display, primary: index === primary }))
}
