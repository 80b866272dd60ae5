import { readFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { parseEnv } from 'node:util'

/** The name people call their system by, and its version; empty where it does not say. */
export type OsName = { readonly name: string; readonly release: string }

/**
 * Reads os-release on Linux (freedesktop.org's os-release(5)); elsewhere asks `systeminformation`,
 * which starts a program, so it is called once.
 */
export async function readOsName(): Promise<OsName> {
  try {
    return platform() === 'linux' ? await fromOsRelease() : await fromSystemInformation()
  } catch {
    return { name: platform(), release: '' }
  }
}

async function fromOsRelease(): Promise<OsName> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() =>
    readFile('/usr/lib/os-release', 'utf8')
  )
  const fields = parseEnv(text)
  return { name: fields.NAME ?? 'Linux', release: fields.VERSION ?? fields.VERSION_ID ?? '' }
}

async function fromSystemInformation(): Promise<OsName> {
  const { osInfo } = await import('systeminformation')
  const { distro, release } = await osInfo()
  return { name: distro, release }
}
