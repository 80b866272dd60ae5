import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Unavailable } from '@worksight/agent-core'

/** The ffmpeg of this machine. */
export type FfmpegProgram = {
  readonly path: string
  /** As it names itself, `5.1.9-0+deb12u1`. */
  readonly version: string
  /** Last year of its copyright: how old it is. */
  readonly year: number | null
}

export const WITHOUT_FFMPEG =
  'Recording needs ffmpeg (apt install ffmpeg). Everything else works without it.'

const run = promisify(execFile)

/**
 * Finds ffmpeg: where FFMPEG_PATH says, on PATH, or in the npm package `@ffmpeg-installer/ffmpeg` where
 * a site installed it. Throws `Unavailable` where there is none that runs.
 */
export async function findFfmpeg(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform
): Promise<FfmpegProgram> {
  if (env.FFMPEG_PATH) {
    const found = await described(env.FFMPEG_PATH)
    if (found === null) {
      const text = `FFMPEG_PATH names ${env.FFMPEG_PATH}, which does not run. ${WITHOUT_FFMPEG}`
      throw new Unavailable('unavailable', text)
    }
    return found
  }
  const name = platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  for (const path of [...folders.map((folder) => join(folder, name)), ...installed()]) {
    const found = (await isExecutable(path)) ? await described(path) : null
    if (found !== null) {
      return found
    }
  }
  throw new Unavailable('unavailable', WITHOUT_FFMPEG)
}

/** `setpriv` of util-linux, which ends a recorder when the agent that started it is gone. */
export async function canOutliveNobody(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform
): Promise<boolean> {
  if (platform !== 'linux') {
    return false
  }
  const options = { env: { PATH: env.PATH ?? '' } }
  return run('setpriv', ['--pdeathsig', 'INT', 'true'], options).then(
    () => true,
    () => false
  )
}

async function described(path: string): Promise<FfmpegProgram | null> {
  const said = await run(path, ['-hide_banner', '-version']).catch(() => null)
  const [, version, year] =
    /^ffmpeg version (\S+) Copyright \(c\) \d+-(\d+)/.exec(said?.stdout ?? '') ?? []
  return version === undefined ? null : { path, version, year: Number(year) }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false
  )
}

function installed(): string[] {
  try {
    const { path } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }
    return [path]
  } catch {
    return [] // a site that did not ask for it has none
  }
}
