import koffi from 'koffi'
import { Unavailable } from '@worksight/agent-core'
import type { Desktop, Look } from './desktop.ts'

/** A window as the window server lists it, front to back. */
export type ListedWindow = {
  readonly owner: string | null
  readonly pid: number | null
  /** `null` where macOS keeps titles back. */
  readonly title: string | null
  /** 0 for windows of programs; menus, the dock and overlays have others. */
  readonly layer: number
}

/** What is asked of macOS, one call a method. */
export interface MacosCalls {
  secondsSinceInput(): number
  windows(): readonly ListedWindow[]
  isLocked(): boolean
  /** Whether this program may see what other programs show, titles included. */
  maySeeTitles(): boolean
}

const NO_TITLES = {
  state: 'permission',
  reason:
    'macOS keeps titles of windows back: allow this program under System Settings → Privacy & Security → Screen & System Audio Recording, then start it anew.',
} as const

/** Reads a macOS desktop by CGEventSource, CGWindowList and CGSession. */
export class MacosDesktop implements Desktop {
  readonly name = 'macos'
  readonly #calls: MacosCalls

  constructor(calls: MacosCalls) {
    this.#calls = calls
  }

  async look(signal: AbortSignal): Promise<Look> {
    signal.throwIfAborted()
    const seconds = this.#calls.secondsSinceInput()
    const front = this.#calls.windows().find(({ layer }) => layer === 0)
    return {
      window: front ? { app: front.owner, title: front.title, pid: front.pid } : null,
      idleMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
      isLocked: this.#calls.isLocked(),
      withheld: this.#calls.maySeeTitles() ? null : NO_TITLES,
    }
  }

  async close(): Promise<void> {}
}

const FRAMEWORKS = '/System/Library/Frameworks'
const COMBINED_SESSION = 0
const ANY_INPUT = 0xffffffff
/** On screen only (1), without the desktop itself (16). */
const ON_SCREEN = 17
const UTF8 = 0x08000100
const SINT64 = 4
const TEXT_BYTES = 4096

/** Throws `Unavailable` where the frameworks of macOS cannot be called. */
export function openMacosDesktop(): Desktop {
  try {
    return new MacosDesktop(macosCalls())
  } catch (cause) {
    throw new Unavailable('unavailable', 'The frameworks of macOS cannot be called here.', {
      cause,
    })
  }
}

function macosCalls(): MacosCalls {
  const graphics = koffi.load(`${FRAMEWORKS}/CoreGraphics.framework/CoreGraphics`)
  const foundation = koffi.load(`${FRAMEWORKS}/CoreFoundation.framework/CoreFoundation`)
  const secondsSince = graphics.func(
    'double CGEventSourceSecondsSinceLastEventType(int32 state, uint32 type)'
  )
  const listWindows = graphics.func(
    'void *CGWindowListCopyWindowInfo(uint32 option, uint32 relativeTo)'
  )
  const copySession = graphics.func('void *CGSessionCopyCurrentDictionary()')
  const preflight = graphics.func('bool CGPreflightScreenCaptureAccess()')
  const count = foundation.func('long CFArrayGetCount(void *array)')
  const at = foundation.func('void *CFArrayGetValueAtIndex(void *array, long index)')
  const valueOf = foundation.func('void *CFDictionaryGetValue(void *dictionary, void *key)')
  const makeText = foundation.func(
    'void *CFStringCreateWithCString(void *allocator, const char *text, uint32 encoding)'
  )
  const readText = foundation.func(
    'bool CFStringGetCString(void *string, void *buffer, long size, uint32 encoding)'
  )
  const readNumber = foundation.func('bool CFNumberGetValue(void *number, long type, void *value)')
  const readFlag = foundation.func('bool CFBooleanGetValue(void *flag)')
  const release = foundation.func('void CFRelease(void *object)')

  const key = (name: string) => makeText(null, name, UTF8)
  const keys = {
    owner: key('kCGWindowOwnerName'),
    pid: key('kCGWindowOwnerPID'),
    title: key('kCGWindowName'),
    layer: key('kCGWindowLayer'),
    locked: key('CGSSessionScreenIsLocked'),
  }
  const buffer = Buffer.alloc(TEXT_BYTES)
  const text = (object: unknown): string | null =>
    object && readText(object, buffer, TEXT_BYTES, UTF8)
      ? buffer.toString('utf8', 0, buffer.indexOf(0))
      : null
  const number = (object: unknown): number | null =>
    object && readNumber(object, SINT64, buffer) ? Number(buffer.readBigInt64LE(0)) : null

  return {
    secondsSinceInput: () => secondsSince(COMBINED_SESSION, ANY_INPUT),
    windows() {
      const list = listWindows(ON_SCREEN, 0)
      if (!list) {
        return []
      }
      const windows = Array.from({ length: Number(count(list)) }, (_, index) => {
        const window = at(list, index)
        return {
          owner: text(valueOf(window, keys.owner)),
          pid: number(valueOf(window, keys.pid)),
          title: text(valueOf(window, keys.title)),
          layer: number(valueOf(window, keys.layer)) ?? -1,
        }
      })
      release(list)
      return windows
    },
    isLocked() {
      const session = copySession()
      if (!session) {
        return false
      }
      const flag = valueOf(session, keys.locked)
      const isLocked = Boolean(flag && readFlag(flag))
      release(session)
      return isLocked
    },
    maySeeTitles: () => preflight(),
  }
}
