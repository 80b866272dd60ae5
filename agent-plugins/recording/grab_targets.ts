import { sessionOf, Unavailable } from '@worksight/agent-core'
import type { Display } from '@worksight/agent-core/contract/heartbeat'
import { X11Connection } from '@worksight/agent-core/x11'
import { isXwayland, listDisplays } from '@worksight/agent-core/x11/displays'
import x11 from 'x11'
import type { Grab } from './recording_arguments.ts'

/** One thing to record; `display` is null where only the video tells its size. */
export type Target = { readonly grab: Grab; readonly display: Display | null }

const WITHOUT_DISPLAY = 'There is no display here to record: DISPLAY is not set.'
const ON_WAYLAND =
  'Recording is unsupported on Wayland: choose the Xorg session when signing in. Screenshots have their own ways.'

/** What can be recorded in this session now. Throws `Unavailable` with a sentence where nothing can. */
export async function grabTargets(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  signal: AbortSignal
): Promise<readonly Target[]> {
  switch (sessionOf(platform, env)) {
    case 'x11':
      return x11Targets(env.DISPLAY ?? '', signal)
    case 'windows':
      return [{ grab: { by: 'gdigrab' }, display: null }]
    case 'macos':
      return [{ grab: { by: 'avfoundation', screen: 0 }, display: null }]
    case 'wayland':
      throw new Unavailable('unavailable', ON_WAYLAND)
    case 'headless':
      throw new Unavailable('unavailable', WITHOUT_DISPLAY)
  }
}

async function x11Targets(server: string, signal: AbortSignal): Promise<readonly Target[]> {
  const connection = await X11Connection.open(x11, server, signal)
  try {
    if (await isXwayland(connection)) {
      throw new Unavailable('unavailable', ON_WAYLAND)
    }
    const displays = await listDisplays(connection)
    return displays.map((display) => ({
      grab: { by: 'x11grab', server, area: display },
      display,
    }))
  } finally {
    connection.close()
  }
}
