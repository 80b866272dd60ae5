import type { X11Connection } from '../x11/connection.ts'
import type { ObservingState } from '../trust/observing.ts'
import { Canvas } from './canvas.ts'
import { EVENTS, type XEvent } from './events.ts'
import { drawIcon, GROUND } from './icon.ts'
import { Popup, type PopupRow } from './popup.ts'

/** What the icon shows and what its menu offers. */
export interface TrayFace {
  state(): { readonly state: ObservingState; readonly text: string }
  menu(): readonly PopupRow[]
  /** It is shown, or not any more. */
  changed(): void
}

const SIDE = 24
const INPUT_OUTPUT = 1
const ATOM = { string: 31, wmName: 39, normalHints: 40, sizeHints: 41, wmClass: 67 } as const
const REPLACE = 0
/** `_XEMBED_INFO`: version 0, to be mapped. */
const XEMBED_INFO = [0, 1]
/** `WM_NORMAL_HINTS` (ICCCM 4.1.2.3): at least as large as it is made. */
const SIZE_HINTS = [16, 0, 0, 0, 0, SIDE, SIDE, ...Array.from({ length: 11 }, () => 0)]
const REQUEST_DOCK = 0
const RIGHT = 3
const LEFT = 1
/** How long the pointer rests on the icon before its hint shows, and before a lost icon asks again, in milliseconds. */
const WAIT = { hintMs: 400, dockMs: 1_000 } as const

type Atoms = {
  readonly tray: number
  readonly manager: number
  readonly opcode: number
  readonly xembedInfo: number
  readonly name: number
  readonly utf8: number
}
type Owner = { readonly window: number }

/**
 * An icon in the system tray of one X server, after the System Tray Protocol of freedesktop.org. It
 * docks whenever a tray is there, and says when it is shown and when it is not any more.
 */
export class X11Tray {
  readonly #connection: X11Connection
  readonly #canvas: Canvas
  readonly #atoms: Atoms
  readonly #face: TrayFace
  #owner: Owner | null = null
  #window: number | null = null
  #size = { width: SIDE, height: SIDE }
  #isEmbedded = false
  #isMapped = false
  #popup: Popup | null = null
  #hint: NodeJS.Timeout | null = null
  #again: NodeJS.Timeout | null = null
  #drawn = ''

  private constructor(connection: X11Connection, canvas: Canvas, atoms: Atoms, face: TrayFace) {
    this.#connection = connection
    this.#canvas = canvas
    this.#atoms = atoms
    this.#face = face
  }

  /** Takes over a connection, which is its own from now on. */
  static async open(connection: X11Connection, face: TrayFace): Promise<X11Tray> {
    const { client, screen, display } = connection
    const atom = (name: string) =>
      connection.ask<number>((done) => client.InternAtom(false, name, done))
    const [tray, manager, opcode, xembedInfo, name, utf8] = await Promise.all([
      atom(`_NET_SYSTEM_TRAY_S${display.screen.indexOf(screen)}`),
      atom('MANAGER'),
      atom('_NET_SYSTEM_TRAY_OPCODE'),
      atom('_XEMBED_INFO'),
      atom('_NET_WM_NAME'),
      atom('UTF8_STRING'),
    ])
    const atoms = { tray, manager, opcode, xembedInfo, name, utf8 }
    const shown = new X11Tray(connection, await Canvas.open(connection), atoms, face)
    client.on('event', (event: XEvent) => shown.#happened(event))
    client.on('end', () => shown.#gone())
    client.stream.on('close', () => shown.#gone())
    // a tray that starts later says so to the root window
    client.ChangeWindowAttributes(screen.root, { eventMask: EVENTS.structure })
    await shown.#dock()
    return shown
  }

  get isClosed(): boolean {
    return this.#connection.isClosed
  }

  /** Whether a tray holds the icon, on the screen. */
  get isShown(): boolean {
    return !this.#connection.isClosed && this.#isEmbedded && this.#isMapped
  }

  /** Draws the state anew where it is another one. */
  refresh(): void {
    const { state, text } = this.#face.state()
    if (this.#window !== null && !this.isClosed && this.#drawn !== `${state} ${text}`) {
      this.#draw()
    }
  }

  close(): void {
    this.#clearTimers()
    this.#connection.close()
  }

  async #dock(): Promise<void> {
    const { client } = this.#connection
    const owner = await this.#connection.ask<number>((done) =>
      client.GetSelectionOwner(this.#atoms.tray, done)
    )
    if (owner === 0 || this.#window !== null) {
      return
    }
    this.#owner = { window: owner }
    client.ChangeWindowAttributes(owner, { eventMask: EVENTS.structure })
    this.#window = this.#makeWindow()
    const about = [0, REQUEST_DOCK, this.#window, 0, 0]
    client.SendClientMessage(owner, owner, this.#atoms.opcode, 32, about, 0)
    this.#askAgain()
  }

  #makeWindow(): number {
    const { client, screen } = this.#connection
    const { root, root_depth: depth, root_visual: visual } = screen
    const window = client.AllocID()
    const looks = {
      backgroundPixel: this.#canvas.pixel(GROUND),
      eventMask: EVENTS.exposure | EVENTS.pointer | EVENTS.crossing | EVENTS.structure,
    }
    client.CreateWindow(window, root, 0, 0, SIDE, SIDE, 0, depth, INPUT_OUTPUT, visual, looks)
    const { string, wmClass, normalHints, sizeHints } = ATOM
    const { xembedInfo } = this.#atoms
    const names = Buffer.from('worksight-agent\0WorkSight\0')
    client.ChangeProperty(REPLACE, window, wmClass, string, 8, names)
    client.ChangeProperty(REPLACE, window, xembedInfo, xembedInfo, 32, XEMBED_INFO)
    client.ChangeProperty(REPLACE, window, normalHints, sizeHints, 32, SIZE_HINTS)
    this.#size = { width: SIDE, height: SIDE }
    this.#name(window, this.#face.state().text)
    return window
  }

  #name(window: number, text: string): void {
    const { client } = this.#connection
    const name = Buffer.from(`WorkSight: ${text}`)
    client.ChangeProperty(REPLACE, window, ATOM.wmName, ATOM.string, 8, name)
    client.ChangeProperty(REPLACE, window, this.#atoms.name, this.#atoms.utf8, 8, name)
  }

  #draw(): void {
    const { state, text } = this.#face.state()
    if (this.#window !== null) {
      this.#drawn = `${state} ${text}`
      this.#name(this.#window, text)
      drawIcon(this.#canvas, this.#window, this.#size, state)
    }
  }

  #happened(event: XEvent): void {
    const { name, wid } = event
    if (name === 'ClientMessage' && event.message_type === this.#atoms.manager) {
      if (event.data?.[1] === this.#atoms.tray) {
        this.#redock()
      }
    } else if (name === 'DestroyNotify' && wid === this.#owner?.window) {
      this.#redock()
    } else if (wid === this.#window) {
      this.#happenedToIcon(event)
    } else if (wid === this.#popup?.window) {
      this.#happenedToPopup(this.#popup, event)
    }
  }

  #happenedToIcon(event: XEvent): void {
    switch (event.name) {
      case 'ReparentNotify':
        this.#placed(event.parent !== this.#connection.screen.root, this.#isMapped)
        break
      case 'MapNotify':
      case 'UnmapNotify':
        this.#placed(this.#isEmbedded, event.name === 'MapNotify')
        break
      case 'DestroyNotify':
        this.#window = null
        this.#redock()
        break
      case 'ConfigureNotify':
        this.#size = { width: event.width, height: event.height }
        this.#draw()
        break
      case 'Expose':
        this.#draw()
        break
      case 'EnterNotify':
        this.#hint = setTimeout(() => this.#showHint(event), WAIT.hintMs)
        break
      case 'LeaveNotify':
        this.#noHint()
        break
      case 'ButtonPress':
        this.#pressed(event)
        break
    }
  }

  #happenedToPopup(popup: Popup, event: XEvent): void {
    switch (event.name) {
      case 'Expose':
        popup.draw()
        break
      case 'MotionNotify':
        popup.point(event)
        break
      case 'ButtonPress':
        if (!popup.holds(event)) {
          this.#closePopup()
        }
        break
      case 'ButtonRelease': {
        const act = popup.actAt(event)
        if (act !== null) {
          this.#closePopup()
          act()
        }
      }
    }
  }

  #pressed(event: XEvent): void {
    const wasMenu = this.#popup?.isMenu === true
    this.#noHint()
    this.#closePopup()
    if ((event.keycode === LEFT || event.keycode === RIGHT) && !wasMenu) {
      const heading = { text: this.#face.state().text, act: null }
      void this.#show([heading, ...this.#face.menu()], event)
    }
  }

  /** Says something beside the icon until the pointer leaves or presses. */
  say(text: string, at: { readonly rootx: number; readonly rooty: number }): void {
    void this.#show([{ text, act: null }], at)
  }

  #showHint(event: XEvent): void {
    if (this.#popup === null) {
      this.say(`WorkSight: ${this.#face.state().text}`, event)
    }
  }

  async #show(
    rows: readonly PopupRow[],
    { rootx, rooty }: { readonly rootx: number; readonly rooty: number }
  ): Promise<void> {
    try {
      const at = { x: rootx + 4, y: rooty + 12 }
      const popup = await Popup.show(this.#connection, this.#canvas, rows, at)
      this.#closePopup()
      this.#popup = popup
    } catch {
      this.#gone() // only a connection that ended does not tell how wide a text is
    }
  }

  #closePopup(): void {
    this.#popup?.close()
    this.#popup = null
  }

  #noHint(): void {
    clearTimeout(this.#hint ?? undefined)
    if (this.#popup?.isMenu === false) {
      this.#closePopup()
    }
  }

  #placed(isEmbedded: boolean, isMapped: boolean): void {
    const wasShown = this.isShown
    this.#isEmbedded = isEmbedded
    this.#isMapped = isMapped
    if (wasShown !== this.isShown) {
      this.#face.changed()
    }
    if (wasShown && !isEmbedded) {
      this.#redock() // the tray that held it is gone, and its windows went back to the root
    }
  }

  /** Takes the icon away where it was, and docks anew where a tray is. */
  #redock(): void {
    const window = this.#window
    this.#window = null
    this.#owner = null
    this.#closePopup()
    if (window !== null) {
      this.#connection.client.DestroyWindow(window)
    }
    this.#placed(false, false)
    this.#askAgain()
  }

  /** Until the icon is shown, a tray is looked for: one that is just starting may not answer at once. */
  #askAgain(): void {
    clearTimeout(this.#again ?? undefined)
    this.#again = setTimeout(() => {
      if (!this.isShown && !this.isClosed) {
        void this.#dock().catch(() => this.#gone())
      }
    }, WAIT.dockMs)
    this.#again.unref()
  }

  #gone(): void {
    this.#clearTimers()
    this.#face.changed()
  }

  #clearTimers(): void {
    clearTimeout(this.#hint ?? undefined)
    clearTimeout(this.#again ?? undefined)
  }
}
