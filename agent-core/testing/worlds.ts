import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from './temporary_spool.ts'
import { startXvfb } from './xvfb.ts'

type Cleanup = (work: () => Promise<void> | void) => void

/** Variables that say which desktop a process belongs to. */
const OF_DESKTOP = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_SESSION_TYPE'] as const
type Desktop = Partial<Record<(typeof OF_DESKTOP)[number], string>>

/**
 * Makes this process one of another desktop, or of none, until the test ends: what is not given is not
 * set. For libraries that read the environment by themselves.
 */
export function onDesktop(cleanup: Cleanup, given: Desktop): void {
  const before = Object.fromEntries(OF_DESKTOP.map((name) => [name, process.env[name]]))
  const set = (values: Readonly<Record<string, string | undefined>>) => {
    for (const name of OF_DESKTOP) {
      delete process.env[name]
      Object.assign(process.env, values[name] === undefined ? {} : { [name]: values[name] })
    }
  }
  set(given)
  cleanup(() => set(before))
}

/** A name that no X server answers on. */
export const DEAD_DISPLAY = ':59000'

/**
 * Puts this process on the desktop of an Xvfb that asks for a cookie, with a cookie file that lacks it
 * (`wrong`), or that cannot be read (`unreadable`). Answers the name of the display.
 */
export async function onClosedDesktop(
  cleanup: Cleanup,
  cookies: 'wrong' | 'unreadable'
): Promise<string> {
  const { path, remove } = await temporaryFolder()
  const [right, wrong] = [join(path, 'right'), join(path, 'wrong')]
  await writeFile(right, cookieFile('0123456789abcdef'))
  await writeFile(wrong, '')
  const xvfb = await startXvfb({ args: ['-auth', right] })
  cleanup(async () => {
    await xvfb.stop()
    await remove()
  })
  // a folder is no file to anybody, not even to an account that may read everything
  onDesktop(cleanup, { DISPLAY: xvfb.name, XAUTHORITY: cookies === 'wrong' ? wrong : path })
  return xvfb.name
}

/** An Xauthority file with one cookie for every address and display. See Xau(3). */
export function cookieFile(secret: string): Buffer {
  const counted = (text: string) => {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(text.length)
    return Buffer.concat([length, Buffer.from(text)])
  }
  const everyone = Buffer.from([0xff, 0xff])
  return Buffer.concat([everyone, ...['', '', 'MIT-MAGIC-COOKIE-1', secret].map(counted)])
}
