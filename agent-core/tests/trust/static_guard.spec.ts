import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { test } from '@japa/runner'
import { activityValidators } from '../../contract/activity.ts'
import { batchValidator, eventValidators } from '../../contract/batch.ts'
import { acknowledgementValidator } from '../../contract/configuration.ts'
import { enrolmentValidator } from '../../contract/enrolment.ts'
import { recordingValidator } from '../../contract/recording.ts'
import { screenshotValidator } from '../../contract/screenshot.ts'
import {
  forbiddenCode,
  forbiddenFields,
  forbiddenPackages,
  type SourceFile,
} from '../../testing/static_guard.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** All that runs on a person's machine; specs and their fakes do not. */
const CODE = ['agent-core/{bin,src,contract}/**/*.ts', 'agent-plugins/*/**/*.ts', 'config/sites/*']
const NOT_RUN = /node_modules|\.spec\.ts$|\/testing\/|agent-core\/bin\/test\.ts$/

function filesOf(patterns: readonly string[]): readonly SourceFile[] {
  return globSync([...patterns], { cwd: ROOT })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !NOT_RUN.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

function lockedPackages(): readonly string[] {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
  return Object.keys((JSON.parse(text) as { packages: object }).packages)
}

const VALIDATORS = {
  ...eventValidators,
  ...activityValidators,
  batch: batchValidator,
  screenshot: screenshotValidator,
  recording: recordingValidator,
  enrolment: enrolmentValidator,
  acknowledgement: acknowledgementValidator,
}

/** A line of each sort that must never be here, as someone would write it. */
const PLANTED: readonly [of: string, line: string][] = [
  ['keyboard', `const map = await x.QueryKeymap()`],
  ['keyboard', `addEventListener('keydown', note)`],
  ['keyboard', `open('/dev/input/event3')`],
  ['keyboard', `user32.SetWindowsHookExW(13, hook, 0, 0)`],
  ['clipboard', `spawn('xclip', ['-o'])`],
  ['clipboard', `X.ConvertSelection(window, 'CLIPBOARD', 'UTF8_STRING', property)`],
  ['microphone', `spawn('ffmpeg', ['-f', 'pulse', '-i', 'default'])`],
  ['microphone', `args.push('-f', 'dshow', '-i', 'audio=Microphone')`],
  ['camera', `args.push('-f', 'v4l2', '-i', '/dev/video0')`],
  ['location', `const near = await si.wifiNetworks()`],
  ['hiding', `spawn(program, args, { windowsHide: true })`],
  ['hiding', `process.title = 'svchost'`],
  ['hiding', `spawn(program, args, { argv0: 'systemd' })`],
  ['code from elsewhere', `eval(await answer.text())`],
  ['code from elsewhere', `await import('https://example.org/plugin.js')`],
]

const PLANTED_PACKAGES: readonly [of: string, path: string][] = [
  ['keyboard', 'node_modules/uiohook-napi'],
  ['keyboard', 'agent-plugins/activity/node_modules/node-global-key-listener'],
  ['keyboard', 'node_modules/@nut-tree/nut-js'],
  ['clipboard', 'node_modules/clipboardy'],
  ['microphone', 'node_modules/node-record-lpcm16'],
  ['camera', 'node_modules/node-webcam'],
  ['location', 'node_modules/geoip-lite'],
  ['hiding', 'node_modules/electron'],
]

test.group('Static guard', () => {
  test('no package of the lock file reads keys, clipboard, microphone, camera or place', ({
    assert,
  }) => {
    assert.isAbove(lockedPackages().length, 100)
    assert.deepEqual(forbiddenPackages(lockedPackages()), [])
  })

  test('no code that runs on a machine does', ({ assert }) => {
    const files = filesOf(CODE)

    assert.isAbove(files.length, 50)
    assert.deepEqual(forbiddenCode(files), [])
  })

  test('no message of the wire has a field for it, or is open', ({ assert }) => {
    const files = filesOf(['agent-core/contract/*.ts'])

    assert.isAbove(files.length, 10)
    assert.deepEqual(forbiddenFields(files), [])
  })

  test('every message of the wire refuses a field that it does not name', async ({ assert }) => {
    for (const [name, validator] of Object.entries(VALIDATORS)) {
      const [error] = await validator.tryValidate({ keystrokes: 'secret' } as never)
      const found = (error?.messages ?? []) as { rule: string; field: string }[]

      assert.containsSubset(found, [{ rule: 'unknownField', field: 'keystrokes' }], name)
    }
  })

  test('a planted line is found ({of}): {line}')
    .with(PLANTED.map(([of, line]) => ({ of, line })))
    .run(({ assert }, { of, line }) => {
      const path = 'agent-plugins/activity/main.ts'
      const text = `import { spawn } from 'node:child_process'\n\n${line}\n`

      assert.containsSubset(forbiddenCode([{ path, text }]), [{ path, of }])
    })

  test('a planted package is found ({of}): {path}')
    .with(PLANTED_PACKAGES.map(([of, path]) => ({ of, path })))
    .run(({ assert }, { of, path }) => {
      assert.containsSubset(forbiddenPackages([path]), [{ path, of }])
    })

  test('a planted field of the wire is found: {$self}')
    .with([
      '  keystrokes: text(500),',
      "  'clipboard': text(500),",
      '  latitude: amount(-90, 90),',
      '  extra: vine.any(),',
      '  facts: vine.object({}),',
      '  more: vine.record(vine.string()),',
    ])
    .run(({ assert }, line) => {
      const text = `export const body = () => ({\n${line}\n})\n`

      assert.lengthOf(forbiddenFields([{ path: 'agent-core/contract/window.ts', text }]), 1)
    })
})
