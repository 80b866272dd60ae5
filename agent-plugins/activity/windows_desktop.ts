import { win32 } from 'node:path'
import koffi from 'koffi'
import { Unavailable } from '@worksight/agent-core'
import type { Desktop, Look } from './desktop.ts'

/** What is asked of Windows, one call a method. */
export interface WindowsCalls {
  /** Milliseconds since the start of Windows at the last input (32 bits), null where it is not told. */
  lastInputTick(): number | null
  /** Milliseconds since the start of Windows (32 bits: begins anew every 49.7 days). */
  tick(): number
  /** The foreground window; null where there is none. `path` is the program's file. */
  foreground(): {
    readonly title: string
    readonly pid: number
    readonly path: string | null
  } | null
  /** Whether this session's input goes to its desktop; not so while it is locked. */
  isInputHere(): boolean
}

/** Reads a Windows desktop by GetForegroundWindow, GetLastInputInfo and OpenInputDesktop. */
export class WindowsDesktop implements Desktop {
  readonly name = 'windows'
  readonly #calls: WindowsCalls

  constructor(calls: WindowsCalls) {
    this.#calls = calls
  }

  async look(signal: AbortSignal): Promise<Look> {
    signal.throwIfAborted()
    const last = this.#calls.lastInputTick()
    const idleMs = last === null ? null : (this.#calls.tick() - last) >>> 0
    const front = this.#calls.foreground()
    const window = front && {
      app: front.path === null ? null : programName(front.path),
      title: front.title || null,
      pid: front.pid,
    }
    return { window, idleMs, isLocked: !this.#calls.isInputHere(), withheld: null }
  }

  async close(): Promise<void> {}
}

/** The name of a program by its file: `C:\Windows\notepad.exe` is `notepad`. */
function programName(path: string): string {
  return win32.basename(path).replace(/\.exe$/i, '')
}

const TEXT_UNITS = 1024
const LIMITED_INFORMATION = 0x1000
const READ_OBJECTS = 0x0001

/** Throws `Unavailable` where Windows' libraries cannot be called. */
export function openWindowsDesktop(): Desktop {
  try {
    return new WindowsDesktop(windowsCalls())
  } catch (cause) {
    throw new Unavailable('unavailable', 'The libraries of Windows cannot be called here.', {
      cause,
    })
  }
}

function windowsCalls(): WindowsCalls {
  const user32 = koffi.load('user32.dll')
  const kernel32 = koffi.load('kernel32.dll')
  const lastInput = koffi.struct({ cbSize: 'uint32', dwTime: 'uint32' })
  const getLastInput = user32.func('__stdcall', 'GetLastInputInfo', 'int', [
    koffi.inout(koffi.pointer(lastInput)),
  ])
  const getTick = kernel32.func('uint32 __stdcall GetTickCount()')
  const getForeground = user32.func('void * __stdcall GetForegroundWindow()')
  const getText = user32.func('int __stdcall GetWindowTextW(void *window, void *text, int most)')
  const getPid = user32.func(
    'uint32 __stdcall GetWindowThreadProcessId(void *window, _Out_ uint32 *pid)'
  )
  const openProcess = kernel32.func(
    'void * __stdcall OpenProcess(uint32 access, int inherit, uint32 pid)'
  )
  const getPath = kernel32.func(
    'int __stdcall QueryFullProcessImageNameW(void *process, uint32 flags, void *path, _Inout_ uint32 *units)'
  )
  const closeHandle = kernel32.func('int __stdcall CloseHandle(void *handle)')
  const openInput = user32.func(
    'void * __stdcall OpenInputDesktop(uint32 flags, int inherit, uint32 access)'
  )
  const closeDesktop = user32.func('int __stdcall CloseDesktop(void *desktop)')
  const buffer = Buffer.alloc(TEXT_UNITS * 2)

  const pathOf = (pid: number): string | null => {
    const process = openProcess(LIMITED_INFORMATION, 0, pid)
    if (!process) {
      return null
    }
    const units = [TEXT_UNITS]
    const isThere = getPath(process, 0, buffer, units)
    closeHandle(process)
    return isThere ? buffer.toString('utf16le', 0, (units[0] ?? 0) * 2) : null
  }
  return {
    lastInputTick() {
      const info = { cbSize: 8, dwTime: 0 }
      return getLastInput(info) ? info.dwTime : null
    },
    tick: () => getTick(),
    foreground() {
      const window = getForeground()
      if (!window) {
        return null
      }
      const pid = [0]
      getPid(window, pid)
      const length: number = getText(window, buffer, TEXT_UNITS)
      const title = buffer.toString('utf16le', 0, length * 2)
      return { title, pid: pid[0] ?? 0, path: pathOf(pid[0] ?? 0) }
    },
    isInputHere() {
      const desktop = openInput(0, 0, READ_OBJECTS)
      if (desktop) {
        closeDesktop(desktop)
      }
      return Boolean(desktop)
    },
  }
}
