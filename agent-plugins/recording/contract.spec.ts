import { pluginContract } from '@worksight/agent-core/testing/plugin_contract'
import { Recording } from './main.ts'

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
    { options: { recorder: 'camera' }, named: 'recorder', expected: 'one of fluent-ffmpeg, spawn' },
    { options: { keepLocalDays: -1 }, named: 'keepLocalDays', expected: 'a number from 0' },
    { options: { keepLocalBytes: '1' }, named: 'keepLocalBytes', expected: 'a number from 0' },
  ],
  without: {
    what: 'ffmpeg',
    make: () => new Recording({ enabled: true }, { env: { DISPLAY: ':0' }, platform: 'linux' }),
    states: ['unavailable'],
    reason: /apt install ffmpeg/,
  },
})
