import type { DemoPicture } from '#services/demo/pictures'
import { findProgram } from '#services/first_run/virtual_display'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Seconds that each picture of the segment stands. */
const PICTURE_SECONDS = 5

export type DemoSegment = {
  readonly bytes: Buffer
  readonly sha256: string
  readonly width: number
  readonly height: number
  readonly durationMs: number
}

/** A segment of a recording made of some pictures, by the ffmpeg of this machine; null without one. */
export async function drawSegment(pictures: readonly DemoPicture[]): Promise<DemoSegment | null> {
  const ffmpeg = findProgram('ffmpeg')
  const chosen = pictures.filter((_picture, index) => index % 4 === 0)
  if (!ffmpeg || chosen.length === 0) {
    return null
  }
  const folder = await mkdtemp(join(tmpdir(), 'worksight-demo-'))
  try {
    for (const [index, { bytes }] of chosen.entries()) {
      await writeFile(join(folder, `${index}.webp`), bytes)
    }
    const file = join(folder, 'segment.mp4')
    const input = ['-framerate', `1/${PICTURE_SECONDS}`, '-i', join(folder, '%d.webp')]
    const video = ['-vf', 'scale=960:540', '-r', '2', '-c:v', 'libx264', '-preset', 'veryfast']
    const flags = ['-crf', '30', '-threads', '1', '-pix_fmt', 'yuv420p', '-fflags', '+bitexact']
    const shape = ['-movflags', '+frag_keyframe+empty_moov+default_base_moof']
    await run(ffmpeg, ['-v', 'error', '-y', ...input, ...video, ...flags, ...shape, file])
    const bytes = await readFile(file)
    return {
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      width: 960,
      height: 540,
      durationMs: chosen.length * PICTURE_SECONDS * 1000,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
