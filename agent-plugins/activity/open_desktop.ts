import { sessionOf, Unavailable, type Session } from '@worksight/agent-core'
import type { Desktop } from './desktop.ts'
import { WAYLAND, X11Desktop } from './x11_desktop.ts'

type Environment = Readonly<Record<string, string | undefined>>

const HEADLESS = 'There is no desktop here: DISPLAY is not set.'

/**
 * The desktop of this process's session. Throws `Unavailable` where nobody can say what is in front:
 * what is not known is reported as unknown, and not guessed from something near it.
 */
export async function openDesktop(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform
): Promise<Desktop> {
  const session: Session = sessionOf(platform, env)
  switch (session) {
    case 'x11':
      return new X11Desktop(env.DISPLAY)
    case 'windows': {
      const { openWindowsDesktop } = await import('./windows_desktop.ts')
      return openWindowsDesktop()
    }
    case 'macos': {
      const { openMacosDesktop } = await import('./macos_desktop.ts')
      return openMacosDesktop()
    }
    case 'wayland':
      throw new Unavailable('unavailable', WAYLAND)
    case 'headless':
      throw new Unavailable('unavailable', HEADLESS)
  }
}
