/** Masks of the events that are asked for (X protocol, appendix B): what the pointer does, never a key. */
export const EVENTS = {
  /** Buttons pressed and released, and moves. */
  pointer: 0x04 | 0x08 | 0x40,
  crossing: 0x10 | 0x20,
  exposure: 0x8000,
  structure: 0x20000,
} as const

/** An event as the package `x11` reads it; each kind has some of these. */
export type XEvent = {
  readonly name: string
  /** The window that it is about. */
  readonly wid: number
  readonly parent?: number
  /** The button that was pressed. */
  readonly keycode?: number
  readonly x: number
  readonly y: number
  readonly rootx: number
  readonly rooty: number
  readonly width: number
  readonly height: number
  readonly message_type?: number
  readonly data?: readonly number[]
}
