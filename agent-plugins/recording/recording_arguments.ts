import type { Display } from '@worksight/agent-core/contract/heartbeat'
import type { BlurLevel } from '@worksight/agent-core/contract/policy'

/** How small the video is made, and how well it can be read. */
export const QUALITIES = ['low', 'medium', 'high'] as const
export type Quality = (typeof QUALITIES)[number]

/** x264's constant rate factor: lower is better and larger. 30 keeps text of usual size readable. */
const RATE_FACTORS: Readonly<Record<Quality, number>> = { low: 36, medium: 30, high: 25 }

/** Pixels of the screen that become one, by level, as in screenshots: letters are 8 to 20 high. */
const BLUR_BLOCKS: Readonly<Record<Exclude<BlurLevel, 'none'>, number>> = { light: 12, strong: 32 }

/** What is recorded: a part of an X screen, the desktop of Windows, a screen of macOS. */
export type Grab =
  | { readonly by: 'x11grab'; readonly server: string; readonly area: Area }
  | { readonly by: 'gdigrab' }
  | { readonly by: 'avfoundation'; readonly screen: number }

type Area = Pick<Display, 'x' | 'y' | 'width' | 'height'>

export type RecorderOptions = {
  readonly grab: Grab
  /** Pictures a second. */
  readonly frameRate: number
  readonly quality: Quality
  readonly blur: BlurLevel
  readonly segmentSeconds: number
  /** Seconds after which the recorder ends by itself; 0: when it is told to. */
  readonly limitSeconds: number
}

/** An invocation of ffmpeg, input and output apart; its paths are relative to the folder it runs in. */
export type RecordingArguments = {
  readonly inputOptions: readonly string[]
  readonly source: string
  readonly outputOptions: readonly string[]
  readonly target: string
}

/**
 * Seconds by which the date may be set before a recorder counts on from its last picture instead: drivers
 * stamp pictures with the date, and a step forward would be filled with pictures that nobody saw, while
 * one back would record nothing until it is made up.
 */
const MOST_STEP_SECONDS = 5

/** Names of the files that a recorder writes into its folder. */
export const SEGMENT_LIST = 'segments.csv'
const SEGMENT_PATTERN = '%06d.mp4'

/**
 * The arguments of one recorder. There is no option for sound: no device that could hear is ever
 * named, `none` stands where avfoundation wants one, and `-an` drops whatever a driver might add.
 *
 * Segments are cut at key frames that are forced where a segment begins, so that nothing lies between
 * two of them; each is a fragmented MP4 that plays to its last whole second however it was cut off,
 * because nothing waits in the encoder (`zerolatency`) or in a buffer (`flush_packets`).
 */
export function recordingArguments(options: RecorderOptions): RecordingArguments {
  const { frameRate, segmentSeconds, limitSeconds } = options
  return {
    ...seen(options),
    outputOptions: [
      ...encoded(options, limitSeconds),
      ...['-g', '9999', '-force_key_frames', `expr:gte(t,n_forced*${segmentSeconds})`],
      ...['-f', 'segment', '-segment_time', String(segmentSeconds), '-segment_time_delta'],
      ...[String(0.5 / frameRate), '-reset_timestamps', '1', '-segment_format', 'mp4'],
      '-segment_format_options',
      'movflags=+frag_keyframe+empty_moov+default_base_moof:frag_duration=1000000:flush_packets=1',
      ...['-segment_list', SEGMENT_LIST, '-segment_list_type', 'csv', '-segment_list_size', '0'],
    ],
    target: SEGMENT_PATTERN,
  }
}

/** The arguments that record so many seconds into one file, which plays as far as it was written. */
export function fileArguments(
  options: Omit<RecorderOptions, 'segmentSeconds' | 'limitSeconds'>,
  seconds: number,
  file: string
): RecordingArguments {
  return {
    ...seen(options),
    outputOptions: [
      ...[...encoded(options, seconds), '-f', 'mp4'],
      ...['-movflags', '+frag_keyframe+empty_moov+default_base_moof'],
      ...['-frag_duration', '1000000', '-flush_packets', '1'],
    ],
    target: file,
  }
}

function seen({ grab, frameRate }: Pick<RecorderOptions, 'grab' | 'frameRate'>) {
  const { inputOptions, source } = inputOf(grab, frameRate)
  return {
    inputOptions: [
      ...['-hide_banner', '-nostats', '-dts_error_threshold', String(MOST_STEP_SECONDS)],
      ...['-loglevel', 'info', ...inputOptions],
    ],
    source,
  }
}

function encoded(
  { quality, frameRate, blur }: Pick<RecorderOptions, 'quality' | 'frameRate' | 'blur'>,
  seconds: number
): string[] {
  return [
    ...['-an', '-sn', '-dn'],
    ...(seconds > 0 ? ['-t', String(seconds)] : []),
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency'],
    ...['-crf', String(RATE_FACTORS[quality]), '-threads', '1', '-pix_fmt', 'yuv420p'],
    // without it ffmpeg guesses the rate from the first moments, and a busy machine misleads it
    ...['-r', String(frameRate)],
    ...['-vf', filters(blur)],
  ]
}

/**
 * 4:2:0 has a colour for each two by two pixels: an odd row or column is left out. Blurred, each block
 * of pixels is one, and those are washed into each other, so that nothing smaller is in the video.
 */
function filters(blur: BlurLevel): string {
  const even = 'crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0'
  if (blur === 'none') {
    return even
  }
  const block = BLUR_BLOCKS[blur]
  const small = `scale=ceil(iw/${block}):ceil(ih/${block}):flags=area`
  const large = `scale=iw*${block}:ih*${block}:flags=bilinear`
  return `${small},gblur=sigma=1,${large},${even}`
}

/** The same as ffmpeg reads it. */
export function argv(args: RecordingArguments): string[] {
  return [...args.inputOptions, '-i', args.source, '-y', ...args.outputOptions, args.target]
}

function inputOf(grab: Grab, frameRate: number) {
  const rate = ['-framerate', String(frameRate)]
  switch (grab.by) {
    case 'x11grab': {
      const { x, y, width, height } = grab.area
      const size = ['-video_size', `${width}x${height}`]
      return {
        inputOptions: ['-f', 'x11grab', '-draw_mouse', '1', ...rate, ...size],
        source: `${grab.server}+${x},${y}`,
      }
    }
    case 'gdigrab':
      return { inputOptions: ['-f', 'gdigrab', '-draw_mouse', '1', ...rate], source: 'desktop' }
    case 'avfoundation':
      return {
        inputOptions: ['-f', 'avfoundation', '-capture_cursor', '1', ...rate],
        source: `Capture screen ${grab.screen}:none`,
      }
  }
}
