import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CLOCK, readClock } from './clock_display.ts'

const run = promisify(execFile)

/** What ffprobe reads of a video file. Throws where it cannot. */
export async function probe(path: string): Promise<{ seconds: number; frames: number }> {
  const wanted = ['-count_packets', '-show_entries', 'format=duration:stream=nb_read_packets']
  const { stdout } = await run('ffprobe', ['-v', 'error', ...wanted, '-of', 'json', path])
  const { format, streams } = JSON.parse(stdout) as {
    format: { duration: string }
    streams: { nb_read_packets: string }[]
  }
  return { seconds: Number(format.duration), frames: Number(streams[0]?.nb_read_packets) }
}

/** What the clock of `clock_display.ts` shows in each picture of a video, in milliseconds. */
export async function clockTimes(path: string): Promise<number[]> {
  const { width, height } = CLOCK
  const crop = ['-vf', `crop=${width}:${height}:0:0`, '-f', 'rawvideo', '-pix_fmt', 'gray', '-']
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', path, ...crop], {
    encoding: 'buffer',
    maxBuffer: 1e9,
  })
  const size = width * height
  return Array.from({ length: stdout.length / size }, (_, frame) =>
    readClock(stdout.subarray(frame * size, (frame + 1) * size))
  )
}
