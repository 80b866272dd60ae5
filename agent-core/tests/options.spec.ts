import { test } from '@japa/runner'
import { resolveOptions, variableOf } from '../src/options.ts'

const DEFAULTS = {
  intervalSeconds: 300,
  blur: false,
  format: 'webp',
  exclude: ['a'],
  folder: null as string | null,
}

test.group('options', () => {
  test('a value comes from the environment, else the site, else the default, and says so', ({
    assert,
  }) => {
    const { values, sources } = resolveOptions(
      'screenshot',
      DEFAULTS,
      { blur: true, intervalSeconds: 60 },
      {
        WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: '2.5',
        WORKSIGHT_SCREENSHOT_EXCLUDE: '["b","c"]',
      }
    )

    assert.deepEqual(values, {
      intervalSeconds: 2.5,
      blur: true,
      format: 'webp',
      exclude: ['b', 'c'],
      folder: null,
    })
    assert.deepEqual(sources, {
      intervalSeconds: 'environment',
      blur: 'site',
      format: 'default',
      exclude: 'environment',
      folder: 'default',
    })
  })

  test('the variable of {1} of {0} is {2}')
    .with([
      ['screenshot', 'intervalSeconds', 'WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS'],
      ['drive-upload', 'maxBytes', 'WORKSIGHT_DRIVE_UPLOAD_MAX_BYTES'],
      ['heartbeat', 'x11Display', 'WORKSIGHT_HEARTBEAT_X11_DISPLAY'],
    ] as const)
    .run(({ assert }, [plugin, option, variable]) => {
      assert.equal(variableOf(plugin, option), variable)
    })

  test('a variable that cannot be read names itself, what was expected and what was found: {0}={1}')
    .with([
      ['INTERVAL_SECONDS', 'often', 'a number'],
      ['INTERVAL_SECONDS', '', 'a number'],
      ['BLUR', 'yes', '"true" or "false"'],
      ['EXCLUDE', '{"a":1}', 'a list as JSON'],
      ['EXCLUDE', 'a,b', 'a list as JSON'],
    ] as const)
    .run(({ assert }, [option, text, expected]) => {
      const variable = `WORKSIGHT_SCREENSHOT_${option}`

      assert.throws(
        () => resolveOptions('screenshot', DEFAULTS, {}, { [variable]: text }),
        `${variable}: expected ${expected}, found "${text}"`
      )
    })
})
