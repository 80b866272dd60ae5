/** The part of the untyped npm package `x11` (4.x) that this plugin calls. */
declare module 'x11' {
  import type { EventEmitter } from 'node:events'
  import type { Socket } from 'node:net'

  namespace x11 {
    /** Told the outcome of a request; returns true when it took care of the error itself. */
    type Callback<Result = void> = (
      error: Error | null | undefined,
      result: Result
    ) => boolean | void

    type Visual = {
      readonly vid: number
      readonly red_mask: number
      readonly green_mask: number
      readonly blue_mask: number
    }

    type Screen = {
      readonly root: number
      readonly root_visual: number
      readonly root_depth: number
      readonly pixel_width: number
      readonly pixel_height: number
      readonly depths: Readonly<Record<number, Readonly<Record<number, Visual>>>>
    }

    type Display = {
      readonly client: Client
      readonly screen: readonly Screen[]
      readonly format: Readonly<Record<number, { readonly bits_per_pixel: number }>>
      /** 0 is least significant byte first. */
      readonly image_byte_order: number
      /** In units of 4 bytes. */
      readonly max_request_length: number
    }

    type Geometry = { readonly width: number; readonly height: number }

    /** Relative to the parent; the border is outside of width and height. */
    type PlacedGeometry = Geometry & {
      readonly xPos: number
      readonly yPos: number
      readonly borderWidth: number
    }

    /** `mapState` 2 is on the screen, as far as nothing lies over it. */
    type WindowAttributes = {
      readonly mapState: number
      /** 1 where no window manager places the window. */
      readonly overrideRedirect: number
    }

    /** `children` lie on each other in this order, the lowest first. */
    type Tree = { readonly parent: number; readonly children: readonly number[] }

    /** `child` is the window of the desktop's own that lies under the pointer, or 0. */
    type Pointer = { readonly child: number }

    /** What X-Resource knows of a client: with `mask` 2 its process. */
    type ClientId = { readonly mask: number; readonly value: readonly number[] }

    interface Resources {
      QueryClientIds(
        clients: readonly { readonly client: number; readonly mask: number }[],
        callback: Callback<readonly ClientId[]>
      ): void
    }

    type Rectangle = Geometry & { readonly x: number; readonly y: number }

    interface Randr {
      readonly majorOpcode: number
      QueryVersion(major: number, minor: number, callback: Callback<readonly number[]>): void
      GetScreenResourcesCurrent(
        window: number,
        callback: Callback<{ config_timestamp: number; crtcs: number[]; outputs: number[] }>
      ): void
      GetCrtcInfo(
        crtc: number,
        timestamp: number,
        callback: Callback<Rectangle & { mode: number; output: number[] }>
      ): void
      GetOutputInfo(output: number, timestamp: number, callback: Callback<{ name: string }>): void
      GetOutputPrimary(window: number, callback: Callback<number>): void
    }

    interface Xinerama {
      IsActive(callback: Callback<number>): void
      QueryScreens(callback: Callback<Rectangle[]>): void
    }

    interface Shm {
      /** Whether this connection can hand a file descriptor to the server. */
      readonly fdCapable: boolean
      readonly major: number
      readonly minor: number
      AttachFd(segment: number, fd: number, readOnly: boolean, callback: Callback): void
      Detach(segment: number, callback?: Callback): void
      GetImage(
        drawable: number,
        x: number,
        y: number,
        width: number,
        height: number,
        planeMask: number,
        format: number,
        segment: number,
        offset: number,
        callback: Callback<{ depth: number; size: number }>
      ): void
    }

    type ScreenSaverInfo = {
      /** 0 off, 1 on, 3 disabled. */
      readonly state: number
      /** Milliseconds since the last input. */
      readonly idle: number
    }

    interface ScreenSaver {
      QueryInfo(drawable: number, callback: Callback<ScreenSaverInfo>): void
    }

    interface Xtest {
      /** `type` 6 moves the pointer to `x`, `y` of the root window. */
      FakeInput(
        type: number,
        detail: number,
        delayMs: number,
        root: number,
        x: number,
        y: number
      ): void
    }

    /** `format` is bits an element; 0 and no data where the window has no such property. */
    type Property = { readonly type: number; readonly format: number; readonly data: Buffer }

    type TextExtents = {
      readonly overallWidth: number
      readonly fontAscent: number
      readonly fontDescent: number
    }

    interface Client extends EventEmitter {
      readonly stream: Socket
      /** Atoms by name, and their names, as far as they were asked for. */
      atoms: Record<string, number>
      atom_names: Record<number, string>
      /** Number of the last request; whoever packs one by hand counts it before `submit`. */
      seq_num: number
      readonly pack_stream: { put(request: Buffer): void; submit(): void }
      AllocID(): number
      ReleaseID(id: number): void
      /** Ends the connection without waiting for the server. */
      terminate(): void
      require(name: 'randr', callback: Callback<Randr>): void
      require(name: 'xinerama', callback: Callback<Xinerama>): void
      require(name: 'shm', callback: Callback<Shm>): void
      require(name: 'xtest', callback: Callback<Xtest>): void
      require(name: 'res', callback: Callback<Resources>): void
      require(name: 'screen-saver', callback: Callback<ScreenSaver>): void
      QueryExtension(name: string, callback: Callback<{ present: number }>): void
      InternAtom(onlyIfExists: boolean, name: string, callback: Callback<number>): void
      /** `longLength` is in units of 4 bytes; type 0 is any. */
      GetProperty(
        remove: number,
        window: number,
        name: number,
        type: number,
        longOffset: number,
        longLength: number,
        callback: Callback<Property>
      ): void
      /** `mode` 0 replaces; `units` are bits an element. */
      ChangeProperty(
        mode: number,
        window: number,
        name: number,
        type: number,
        units: number,
        data: Buffer | readonly number[]
      ): void
      GetInputFocus(callback: Callback<{ readonly focus: number }>): void
      SetInputFocus(window: number, revertTo: number): void
      QueryTree(window: number, callback: Callback<Tree>): void
      QueryPointer(window: number, callback: Callback<Pointer>): void
      GetWindowAttributes(window: number, callback: Callback<WindowAttributes>): void
      GetGeometry(drawable: number, callback: Callback<PlacedGeometry>): void
      GetImage(
        format: number,
        drawable: number,
        x: number,
        y: number,
        width: number,
        height: number,
        planeMask: number,
        callback: Callback<{ depth: number; data: Buffer }>
      ): void
      PutImage(
        format: number,
        drawable: number,
        context: number,
        width: number,
        height: number,
        x: number,
        y: number,
        leftPad: number,
        depth: number,
        data: Buffer
      ): void
      CreatePixmap(id: number, drawable: number, depth: number, width: number, height: number): void
      CreateGC(id: number, drawable: number, values?: Readonly<Record<string, number>>): void
      CreateWindow(
        id: number,
        parent: number,
        x: number,
        y: number,
        width: number,
        height: number,
        borderWidth: number,
        depth: number,
        windowClass: number,
        visual: number,
        values: Readonly<Record<string, number | boolean>>
      ): void
      ChangeWindowAttributes(
        window: number,
        values: Readonly<Record<string, number | boolean>>
      ): void
      MapWindow(window: number): void
      RaiseWindow(window: number): void
      DestroyWindow(window: number): void
      GetSelectionOwner(selection: number, callback: Callback<number>): void
      /** `eventMask` 0 reaches the program that made the window. */
      SendClientMessage(
        destination: number,
        about: number,
        type: number,
        format: number,
        data: readonly number[],
        eventMask: number
      ): void
      /** Modes: 0 synchronous, 1 asynchronous. */
      GrabPointer(
        window: number,
        ownerEvents: number,
        eventMask: number,
        pointerMode: number,
        keyboardMode: number,
        confineTo: number,
        cursor: number,
        time: number,
        callback: Callback<number>
      ): void
      UngrabPointer(time: number): void
      ListFonts(pattern: string, most: number, callback: Callback<readonly string[]>): void
      OpenFont(id: number, name: string): void
      QueryTextExtents(font: number, text: string, callback: Callback<TextExtents>): void
      ChangeGC(id: number, values: Readonly<Record<string, number>>): void
      PolyFillRectangle(drawable: number, gc: number, rectangles: readonly number[]): void
      /** Six numbers an arc; angles in 64ths of a degree. */
      PolyArc(drawable: number, gc: number, arcs: readonly number[]): void
      PolyFillArc(drawable: number, gc: number, arcs: readonly number[]): void
      /** `mode` 0: points are places in the drawable. */
      PolyLine(mode: number, drawable: number, gc: number, points: readonly number[]): void
      ImageText8(drawable: number, gc: number, x: number, y: number, text: string): void
      ClearArea(
        window: number,
        x: number,
        y: number,
        width: number,
        height: number,
        exposures: number
      ): void
      /** Calls back when the server has worked off every request made so far. */
      sync(callback: Callback): void
    }

    const InputOutput: number

    function createClient(
      options: { readonly display?: string; readonly bufferRequests?: boolean },
      callback: (error: Error | undefined, display: Display) => void
    ): Client
  }

  export default x11
}
