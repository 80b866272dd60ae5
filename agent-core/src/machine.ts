import { existsSync, readlinkSync } from 'node:fs'
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
    if (name === timeZone()) {
      return true
    }
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // what Intl throws is the answer
  }
}

/** What of a path under zoneinfo is an IANA name for sure; `localtime` and `posixrules` lie there too. */
const ZONE_NAME = /^(?:UTC|(?:[A-Z][\w-]+\/)+[A-Z][\w+-]+)$/
let ofProcess: { readonly set: string | undefined; readonly name: string } | null = null

/**
 * The machine's IANA time zone, as it was when it was first asked for: a running process keeps its
 * offset too. Linux says it by itself; what Intl loads to say the same keeps 6 MB resident.
 */
export function timeZone(): string {
  const set = process.env.TZ
  if (ofProcess === null || ofProcess.set !== set) {
    const name = systemZone(set) ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    ofProcess = { set, name }
  }
  return ofProcess.name
}

/** What TZ names, or where /etc/localtime leads; null where neither is an IANA name. */
function systemZone(set: string | undefined): string | null {
  const name = set === undefined ? localTime() : set.replace(/^:/, '')
  if (!ZONE_NAME.test(name) || !existsSync(`/usr/share/zoneinfo/${name}`)) {
    return null
  }
  return name === 'Etc/UTC' ? 'UTC' : name
}

function localTime(): string {
  try {
    return readlinkSync('/etc/localtime').split('/zoneinfo/').at(-1) ?? ''
  } catch {
    return '' // a file that is no link, or another system
  }
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
