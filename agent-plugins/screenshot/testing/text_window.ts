import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { visibleWindows } from '@worksight/agent-core/x11/windows'
import { openX11 } from '../x11_connection.ts'

/** A terminal window with a text in it. */
export type TextWindow = { close(): Promise<void> }

/**
 * Opens an xterm (Debian package `xterm`) at a place, of a class and with a title, and waits until it
 * is on the screen. Fails when it does not come within ten seconds.
 */
export async function openTextWindow(
  display: string,
  about: {
    readonly app: string
    readonly title: string
    readonly x: number
    readonly y: number
    readonly text: string
  }
): Promise<TextWindow> {
  const { app, title, x, y, text } = about
  const place = ['-geometry', `34x6+${x}+${y}`, '-class', app, '-T', title, '-b', '8']
  const looks = ['-fa', 'DejaVu Sans Mono', '-fs', '16', '-bg', 'white', '-fg', 'black', '+sb']
  const shown = ['-e', 'sh', '-c', 'printf "%s\\n" "$1"; exec sleep 600', 'sh', text]
  const xterm = spawn('xterm', ['-display', display, ...place, ...looks, ...shown], {
    stdio: 'ignore',
  })
  const ended = once(xterm, 'exit')
  const limit = AbortSignal.timeout(10_000)
  const connection = await openX11(display, limit)
  try {
    while (!(await visibleWindows(connection)).some((window) => window.title === title)) {
      limit.throwIfAborted()
      await sleep(50)
    }
    await sleep(500) // the window is there before its text is
  } finally {
    connection.close()
  }
  return {
    async close() {
      xterm.kill('SIGKILL')
      await ended
    },
  }
}
