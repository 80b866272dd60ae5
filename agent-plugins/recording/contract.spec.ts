import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DEAD_DISPLAY,
  onClosedDesktop,
  startXvfb,
  temporaryFolder,
} from '@worksight/agent-core/testing'
import { pluginContract, type Cleanup } from '@worksight/agent-core/testing/plugin_contract'
import { Recording } from './main.ts'

/** Where the programs of this machine are. */
const PROGRAMS = { PATH: process.env.PATH ?? '' }

pluginContract({
  name: 'recording',
  make: (options) => new Recording(options, { env: {}, platform: 'linux' }),
  wrong: [
    { options: { enabled: 'yes' }, named: 'enabled', expected: 'true or false' },
    { options: { frameRate: 0 }, named: 'frameRate', expected: 'a number from 0.1 to 30' },
    { options: { quality: 'best' }, named: 'quality', expected: 'one of low, medium, high' },
    { options: { everyMinutes: -1 }, named: 'everyMinutes', expected: 'a number from 0 to 1440' },
    {
      options: { everyMinutes: 5, forMinutes: 6 },
      named: 'forMinutes',
      expected: 'at most everyMinutes, which is 5',
    },
    { options: { segmentSeconds: 0 }, named: 'segmentSeconds', expected: 'a number from 1 to' },
    { options: { maxBytes: Number.NaN }, named: 'maxBytes', expected: 'a number from 1000000' },
    { options: { minFreeBytes: -1 }, named: 'minFreeBytes', expected: 'a number from 0' },
    { options: { recorder: 'camera' }, named: 'recorder', expected: 'one of fluent-ffmpeg, spawn' },
    { options: { keepLocalDays: -1 }, named: 'keepLocalDays', expected: 'a number from 0' },
    { options: { keepLocalBytes: '1' }, named: 'keepLocalBytes', expected: 'a number from 0' },
  ],
  missing: [
    {
      what: 'no ffmpeg',
      make: () => recordingIn({ DISPLAY: ':0' }),
      state: 'unavailable',
      reason:
        /^Recording needs ffmpeg \(apt install ffmpeg\)\. Everything else works without it\.$/,
    },
    {
      what: 'an FFMPEG_PATH that does not run',
      make: () => recordingIn({ DISPLAY: ':0', FFMPEG_PATH: '/nonexistent/ffmpeg' }),
      state: 'unavailable',
      reason: /^FFMPEG_PATH names \/nonexistent\/ffmpeg, which does not run/,
    },
    {
      what: 'an ffmpeg that fails at once',
      make: async (cleanup) => {
        const xvfb = await startXvfb()
        cleanup(() => xvfb.stop())
        return recordingIn({
          ...PROGRAMS,
          DISPLAY: xvfb.name,
          FFMPEG_PATH: await brokenFfmpeg(cleanup),
        })
      },
      state: 'degraded',
      reason: /^The recorder ended: .*Unknown encoder.* It is started again after 5 s\.$/,
    },
    {
      what: 'no display',
      make: () => recordingIn(PROGRAMS),
      state: 'unavailable',
      reason: /^There is no display here to record: DISPLAY is not set\.$/,
    },
    {
      what: 'a display that nobody serves',
      make: () => recordingIn({ ...PROGRAMS, DISPLAY: DEAD_DISPLAY }),
      state: 'unavailable',
      reason: /^No X server answers on :59000\.$/,
    },
    {
      what: 'Wayland',
      make: () => recordingIn({ ...PROGRAMS, WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0' }),
      state: 'unavailable',
      reason: /^Recording is unsupported on Wayland: choose the Xorg session/,
    },
    {
      what: 'a wrong XAUTHORITY',
      make: async (cleanup) =>
        recordingIn({ ...PROGRAMS, DISPLAY: await onClosedDesktop(cleanup, 'wrong') }),
      state: 'permission',
      reason: /does not let this account in: set XAUTHORITY/,
    },
  ],
})

/** The plugin as it is in a session of Linux with this environment. */
function recordingIn(env: Readonly<Record<string, string>>): Recording {
  return new Recording({ enabled: true }, { env, platform: 'linux' })
}

/** The path of an ffmpeg that was built without an encoder: it answers questions, and records nothing. */
async function brokenFfmpeg(cleanup: Cleanup): Promise<string> {
  const { path, remove } = await temporaryFolder()
  cleanup(remove)
  const program = join(path, 'ffmpeg')
  const script = `#!/bin/sh
case "$*" in *x11grab*) echo "Unknown encoder 'libx264'" >&2; exit 1 ;; esac
exec ffmpeg "$@"
`
  await writeFile(program, script, { mode: 0o700 })
  return program
}
