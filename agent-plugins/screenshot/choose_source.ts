import { sessionOf, type Session } from '@worksight/agent-core'
import { FfmpegSource } from './ffmpeg_source.ts'
import { NodeScreenshotsSource } from './node_screenshots_source.ts'
import { ScreenUnavailable, type ScreenSource } from './screen_source.ts'
import { ScreenshotDesktopSource } from './screenshot_desktop_source.ts'
import { SimulatedSource } from './simulated_source.ts'
import { X11Source } from './x11_source.ts'

/** Values of the option `source`; `auto` takes the cheapest that works in this session. */
export const SOURCES = [
  'auto',
  'x11',
  'screenshot-desktop',
  'node-screenshots',
  'ffmpeg',
  'simulated',
] as const
export type SourceName = (typeof SOURCES)[number]
export type SeeingSource = Exclude<SourceName, 'auto'>

type Environment = Readonly<Record<string, string | undefined>>

/** Makes a source by its name, without touching the screen. */
export type MakeSource = (name: SeeingSource) => ScreenSource

/**
 * What is tried in a session, cheapest first. On Wayland only an X server that is none of Wayland's
 * (a virtual display) can be seen. Simulated pictures are never in the list.
 */
export function candidates(session: Session, env: Environment): readonly SeeingSource[] {
  switch (session) {
    case 'x11':
      return ['x11', 'screenshot-desktop', 'node-screenshots', 'ffmpeg']
    case 'wayland':
      return env.DISPLAY ? ['x11'] : []
    case 'macos':
      return ['screenshot-desktop']
    case 'windows':
      return ['node-screenshots', 'screenshot-desktop']
    case 'headless':
      return []
  }
}

/**
 * The first source that gives a picture now. Throws `ScreenUnavailable` with what each of them said
 * when none does; `permission` when one only waits for being allowed.
 */
export async function chooseSource(
  wanted: SourceName,
  signal: AbortSignal,
  make: MakeSource = makeSource,
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform
): Promise<ScreenSource> {
  const session = sessionOf(platform, env)
  const refusals: ScreenUnavailable[] = []
  for (const name of wanted === 'auto' ? candidates(session, env) : [wanted]) {
    const source = make(name)
    const refusal = await probe(source, signal)
    if (refusal === null) {
      return source
    }
    refusals.push(refusal)
  }
  throw nothingToSee(wanted === 'auto' ? session : null, refusals)
}

/** Takes a picture and throws it away; answers with the reason when there is none. */
async function probe(source: ScreenSource, signal: AbortSignal): Promise<ScreenUnavailable | null> {
  try {
    const frames = await source.capture(signal)
    if (frames.some((frame) => frame.width > 0 && frame.height > 0)) {
      return null
    }
    await source.close()
    return new ScreenUnavailable('unavailable', `${source.name} sees no display.`)
  } catch (error) {
    await source.close()
    if (error instanceof ScreenUnavailable) {
      return error
    }
    throw error
  }
}

const WHEN_NOTHING: Partial<Record<Session, string>> = {
  wayland:
    'The screen of a Wayland session cannot be seen yet: choose the Xorg session when signing in.',
  headless: 'There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set.',
}

function nothingToSee(
  session: Session | null,
  refusals: readonly ScreenUnavailable[]
): ScreenUnavailable {
  const isWaiting = refusals.some((refusal) => refusal.state === 'permission')
  // two sources that look at the same server say the same of it
  const said = new Set(refusals.map((refusal) => refusal.message))
  const text = [session && WHEN_NOTHING[session], ...said].filter(Boolean).join(' ')
  return new ScreenUnavailable(isWaiting ? 'permission' : 'unavailable', text, {
    cause: refusals[0],
  })
}

function makeSource(name: SeeingSource): ScreenSource {
  switch (name) {
    case 'x11':
      return new X11Source()
    case 'screenshot-desktop':
      return new ScreenshotDesktopSource()
    case 'node-screenshots':
      return new NodeScreenshotsSource()
    case 'ffmpeg':
      return new FfmpegSource()
    case 'simulated':
      return new SimulatedSource()
  }
}
