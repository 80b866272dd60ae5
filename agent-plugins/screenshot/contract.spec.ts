import { pluginContract } from '@worksight/agent-core/testing/plugin_contract'
import { chooseSource } from './choose_source.ts'
import { Screenshot } from './main.ts'
import { FakeScreen } from './testing/fake_screen.ts'

pluginContract({
  name: 'screenshot',
  make: (options) => new Screenshot(options, { choose: new FakeScreen().choose, env: {} }),
  wrong: [
    { options: { intervalSeconds: 0 }, named: 'intervalSeconds', expected: 'a number from 0.1' },
    { options: { intervalSeconds: '10' }, named: 'intervalSeconds', expected: 'a number from' },
    { options: { jitter: 0.6 }, named: 'jitter', expected: 'a number from 0 to 0.5' },
    { options: { source: 'camera' }, named: 'source', expected: 'one of auto, ' },
    { options: { format: 'gif' }, named: 'format', expected: 'one of auto, webp, png, jpeg, avif' },
    { options: { blur: 'some' }, named: 'blur', expected: 'one of none, light, strong' },
    { options: { timing: 'late' }, named: 'timing', expected: 'one of fixed, random' },
    { options: { keepLocalDays: -1 }, named: 'keepLocalDays', expected: 'a number from 0' },
    { options: { quality: 101 }, named: 'quality', expected: 'a whole number from 1 to 100' },
    { options: { quality: 59.5 }, named: 'quality', expected: 'a whole number' },
    { options: { maxWidth: -1 }, named: 'maxWidth', expected: 'a whole number from 0' },
    {
      options: { forceEverySeconds: Number.NaN },
      named: 'forceEverySeconds',
      expected: 'a number from 0',
    },
  ],
  without: {
    what: 'a display',
    make: () =>
      new Screenshot(
        {},
        {
          choose: (wanted, signal) => chooseSource(wanted, signal, undefined, {}, 'linux'),
          env: {},
        }
      ),
    states: ['unavailable'],
    reason: /display/i,
  },
})
