import type { VisibleWindow } from './x11/windows.ts'

/** What is asked of a window of the npm package `node-screenshots`, which plugins bring. */
type NativeWindow = {
  appName(): string
  title(): string
  x(): number
  y(): number
  width(): number
  height(): number
  isMinimized(): boolean
}

/** The windows on the screen of Windows or macOS, as `node-screenshots` lists them. */
export function nativeWindows(all: readonly NativeWindow[]): readonly VisibleWindow[] {
  return all
    .filter((window) => !window.isMinimized())
    .map((window) => ({
      app: window.appName() || null,
      title: window.title() || null,
      x: window.x(),
      y: window.y(),
      width: window.width(),
      height: window.height(),
    }))
}
