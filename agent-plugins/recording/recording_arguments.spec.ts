import { test } from '@japa/runner'
import {
  argv,
  fileArguments,
  QUALITIES,
  recordingArguments,
  type Grab,
  type RecorderOptions,
} from './recording_arguments.ts'

const X11: Grab = {
  by: 'x11grab',
  server: ':91',
  area: { x: 1920, y: 0, width: 1280, height: 1024 },
}
const GRABS: readonly Grab[] = [X11, { by: 'gdigrab' }, { by: 'avfoundation', screen: 0 }]
const OPTIONS: RecorderOptions = {
  grab: X11,
  frameRate: 5,
  quality: 'medium',
  blur: 'none',
  segmentSeconds: 30,
  limitSeconds: 0,
}

/** Everything of an invocation before its input, and the input. */
function inputOf(options: Partial<RecorderOptions>): string {
  const all = argv(recordingArguments({ ...OPTIONS, ...options }))
  return all.slice(all.indexOf('info') + 1, all.indexOf('-i') + 2).join(' ')
}

function after(all: readonly string[], option: string): string | undefined {
  return all[all.indexOf(option) + 1]
}

test.group('recordingArguments', () => {
  test('looks by {by}')
    .with([
      {
        by: 'x11grab',
        grab: X11,
        input: '-f x11grab -draw_mouse 1 -framerate 5 -video_size 1280x1024 -i :91+1920,0',
      },
      {
        by: 'gdigrab',
        grab: { by: 'gdigrab' } as Grab,
        input: '-f gdigrab -draw_mouse 1 -framerate 5 -i desktop',
      },
      {
        by: 'avfoundation',
        grab: { by: 'avfoundation', screen: 1 } as Grab,
        input: '-f avfoundation -capture_cursor 1 -framerate 5 -i Capture screen 1:none',
      },
    ])
    .run(({ assert }, { grab, input }) => {
      assert.equal(inputOf({ grab }), input)
    })

  test('counts on from the last picture where the date was set by more than five seconds', ({
    assert,
  }) => {
    const all = argv(recordingArguments(OPTIONS))

    assert.equal(after(all, '-dts_error_threshold'), '5')
    assert.isBelow(all.indexOf('-dts_error_threshold'), all.indexOf('-i'))
  })

  test('{quality} quality is rate factor {factor}')
    .with([
      { quality: 'low', factor: '36' },
      { quality: 'medium', factor: '30' },
      { quality: 'high', factor: '25' },
    ] as const)
    .run(({ assert }, { quality, factor }) => {
      assert.equal(after(argv(recordingArguments({ ...OPTIONS, quality })), '-crf'), factor)
    })

  test('cuts a segment exactly where it forces a key frame', ({ assert }) => {
    const all = argv(recordingArguments({ ...OPTIONS, segmentSeconds: 10, frameRate: 2 }))

    assert.equal(after(all, '-segment_time'), '10')
    assert.equal(after(all, '-force_key_frames'), 'expr:gte(t,n_forced*10)')
    assert.equal(after(all, '-segment_time_delta'), '0.25')
  })

  test('writes fragments of one second at once, and names finished segments in a list', ({
    assert,
  }) => {
    const all = argv(recordingArguments(OPTIONS))

    assert.include(after(all, '-segment_format_options'), 'frag_duration=1000000:flush_packets=1')
    assert.include(after(all, '-segment_format_options'), '+empty_moov')
    assert.equal(after(all, '-tune'), 'zerolatency')
    assert.equal(after(all, '-segment_list'), 'segments.csv')
    assert.equal(all.at(-1), '%06d.mp4')
  })

  test('a {blur} blur makes one pixel of {block}, and keeps the size')
    .with([
      { blur: 'light', block: 12 },
      { blur: 'strong', block: 32 },
    ] as { blur: 'light' | 'strong'; block: number }[])
    .run(({ assert }, { blur, block }) => {
      const filters = after(argv(recordingArguments({ ...OPTIONS, blur })), '-vf')

      assert.equal(
        filters,
        `scale=ceil(iw/${block}):ceil(ih/${block}):flags=area,gblur=sigma=1,` +
          `scale=iw*${block}:ih*${block}:flags=bilinear,crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0`
      )
    })

  test('one file ends after its seconds, plays as far as it was written, and hears nothing', ({
    assert,
  }) => {
    const all = argv(fileArguments(OPTIONS, 5, '/tmp/out.mp4'))

    assert.equal(after(all, '-t'), '5')
    assert.include(after(all, '-movflags'), 'frag_keyframe')
    assert.equal(after(all, '-frag_duration'), '1000000')
    assert.equal(after(all, '-flush_packets'), '1')
    assert.include(all, '-an')
    assert.equal(all.at(-1), '/tmp/out.mp4')
  })

  test('ends by itself only where it has to', ({ assert }) => {
    const without = argv(recordingArguments(OPTIONS))
    const limited = argv(recordingArguments({ ...OPTIONS, limitSeconds: 300 }))

    assert.notInclude(without, '-t')
    assert.equal(after(limited, '-t'), '300')
  })

  test('never names anything that could hear, whatever the options', ({ assert }) => {
    const hears = /alsa|pulse|jack|oss|dshow|sndio|openal|audio|^-c:a|^-acodec|^-ac$|^-ar$|^-map/
    for (const grab of GRABS) {
      for (const quality of QUALITIES) {
        for (const frameRate of [0.1, 2, 30]) {
          const options = { ...OPTIONS, grab, quality, frameRate, limitSeconds: 60 }
          const all = argv(recordingArguments(options))

          assert.lengthOf(
            all.filter((argument) => argument === '-i'),
            1
          )
          assert.include(all, '-an')
          assert.isEmpty(all.filter((argument) => hears.test(argument)))
          const besideScreen = /^Capture screen \d+:(.*)$/.exec(after(all, '-i') ?? '')?.[1]
          assert.equal(besideScreen ?? 'none', 'none')
        }
      }
    }
  })
})
