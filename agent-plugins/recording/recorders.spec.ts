import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { temporaryFolder } from '@worksight/agent-core/testing'
import { startByFluent } from './fluent_recorder.ts'
import { readFragments } from './mp4_fragments.ts'
import { recordingArguments, type RecordingArguments } from './recording_arguments.ts'
import { startBySpawn } from './spawn_recorder.ts'

const GRAB = {
  by: 'x11grab',
  server: ':0',
  area: { x: 0, y: 0, width: 320, height: 180 },
} as const

/** The arguments of a recorder, with a moving test picture in real time where the display would be. */
function testPicture(limitSeconds: number): RecordingArguments {
  const options = {
    grab: GRAB,
    frameRate: 10,
    quality: 'low',
    blur: 'none',
    segmentSeconds: 1,
  } as const
  return {
    ...recordingArguments({ ...options, limitSeconds }),
    inputOptions: ['-hide_banner', '-nostats', '-re', '-f', 'lavfi'],
    source: 'testsrc=size=320x180:rate=10',
  }
}

const RECORDERS = [
  { name: 'fluent-ffmpeg', start: startByFluent },
  { name: 'spawn', start: startBySpawn },
]

/** A folder whose name has what shells and format strings trip over. */
async function awkwardFolder(cleanup: (work: () => Promise<void>) => void): Promise<string> {
  const { path, remove } = await temporaryFolder()
  cleanup(remove)
  const folder = join(path, "a 100% sure 'place'")
  await mkdir(folder)
  return folder
}

/** Starts a recorder and resolves when its list names a segment. */
async function recording(
  start: (typeof RECORDERS)[number]['start'],
  folder: string,
  args: RecordingArguments
) {
  const lines: string[] = []
  let tell = () => {}
  const second = new Promise<void>((resolve) => (tell = resolve))
  const recorder = start({
    ffmpeg: 'ffmpeg',
    folder,
    args,
    line: (line) => {
      lines.push(line)
      if (line.includes("'000001.mp4'")) {
        tell()
      }
    },
  })
  await Promise.race([second, recorder.ended])
  return { recorder, lines }
}

for (const { name, start } of RECORDERS) {
  test.group(`Recorder | ${name}`, () => {
    test('writes segments that play, in a folder of any name', async ({ assert, cleanup }) => {
      const folder = await awkwardFolder(cleanup)

      const { recorder, lines } = await recording(start, folder, testPicture(2))

      assert.isNull(await recorder.ended)
      const list = await readFile(join(folder, 'segments.csv'), 'utf8')
      assert.deepEqual(list.split('\n'), [
        '000000.mp4,0.000000,1.000000',
        '000001.mp4,1.000000,2.000000',
        '',
      ])
      const video = await readFragments(join(folder, '000001.mp4'))
      assert.containSubset(video, { width: 320, height: 180, frames: 10 })
      assert.equal(video?.fragments.at(-1)?.endMs, 1000)
      assert.isTrue(lines.some((line) => /start: \d+\.\d+/.test(line)))
    })

    test('finishes its segment when it is told to end', async ({ assert, cleanup }) => {
      const folder = await awkwardFolder(cleanup)
      const { recorder } = await recording(start, folder, testPicture(0))

      recorder.end()

      assert.isNull(await recorder.ended)
      const list = await readFile(join(folder, 'segments.csv'), 'utf8')
      assert.match(list, /000001\.mp4,1\.000000,/)
    })

    test('ends at once when it is killed', async ({ assert, cleanup }) => {
      const folder = await awkwardFolder(cleanup)
      const { recorder } = await recording(start, folder, testPicture(0))

      recorder.kill()

      assert.isNull(await recorder.ended)
      const list = await readFile(join(folder, 'segments.csv'), 'utf8')
      assert.equal(list, '000000.mp4,0.000000,1.000000\n')
    })

    test('told to end before it began, it ends', async ({ assert, cleanup }) => {
      const folder = await awkwardFolder(cleanup)
      const args = testPicture(0)
      const recorder = start({ ffmpeg: 'ffmpeg', folder, args, line: () => {} })

      recorder.end()
      recorder.kill()

      assert.isNull(await recorder.ended)
    })

    test('says why when ffmpeg cannot, or is not there', async ({ assert, cleanup }) => {
      const folder = await awkwardFolder(cleanup)
      const args = { ...testPicture(0), source: 'nothing=of=the=kind' }

      const bad = start({ ffmpeg: 'ffmpeg', folder, args, line: () => {} })
      assert.match((await bad.ended) ?? '', /ffmpeg exited with code 1/)

      const missing = start({
        ffmpeg: join(folder, 'no-ffmpeg'),
        folder,
        args: testPicture(0),
        line: () => {},
      })
      assert.isNotNull(await missing.ended)
    })

    test('says why when its folder is gone', async ({ assert, cleanup }) => {
      const folder = join(await awkwardFolder(cleanup), 'gone')

      const gone = start({ ffmpeg: 'ffmpeg', folder, args: testPicture(0), line: () => {} })
      gone.end()
      gone.kill()

      assert.isNotNull(await gone.ended)
    })
  })
}
