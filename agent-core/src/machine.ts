import { homedir, hostname } from 'node:os'
import { join } from 'node:path'

/** What an enrolment says about the machine. */
export type Machine = { readonly host: string; readonly platform: string }

export function thisMachine(): Machine {
  return { host: hostname().slice(0, 255) || 'unknown', platform: process.platform }
}

/** Whether `name` is a time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // what Intl throws is the answer
  }
}

/** The machine's IANA time zone. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** The machine's offset from UTC at a moment (milliseconds since 1970), in minutes east. */
export function utcOffsetMinutes(moment: number): number {
  return 0 - new Date(moment).getTimezoneOffset()
}

/**
 * The folder of the agent's data for this user, by the customs of each system: XDG on Linux,
 * Application Support on macOS, LOCALAPPDATA on Windows. WORKSIGHT_DATA_DIR stands above it.
 */
export function dataFolder(
  env: Readonly<Record<string, string | undefined>> = process.env
): string {
  const home = homedir()
  if (env.WORKSIGHT_DATA_DIR) {
    return env.WORKSIGHT_DATA_DIR
  }
  switch (process.platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'worksight')
    case 'win32':
      return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'worksight')
    default:
      return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'worksight')
  }
}
