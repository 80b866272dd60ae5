/** What kind of desktop a process belongs to. */
export type Session = 'x11' | 'wayland' | 'headless' | 'macos' | 'windows'

/** The session of this process, as the platform and its environment tell. */
export function sessionOf(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>
): Session {
  if (platform === 'win32') {
    return 'windows'
  }
  if (platform === 'darwin') {
    return 'macos'
  }
  if (env.WAYLAND_DISPLAY || env.XDG_SESSION_TYPE === 'wayland') {
    return 'wayland'
  }
  return env.DISPLAY ? 'x11' : 'headless'
}
