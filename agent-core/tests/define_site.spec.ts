import { test } from '@japa/runner'
import { defineSite } from '../src/define_site.ts'

const plugin = (name: string) => ({ name, version: '1', apply: () => undefined })

test.group('defineSite', () => {
  test('fills in that everything is allowed at any time, and plain http nowhere', ({ assert }) => {
    const site = defineSite({ name: 'default', plugins: [plugin('a')] })

    assert.containsSubset(site, {
      name: 'default',
      workingHours: 'always',
      allowInsecureHttp: false,
    })
  })

  test('refuses a plugin that is listed twice', ({ assert }) => {
    assert.throws(
      () => defineSite({ name: 'x', plugins: [plugin('a'), plugin('a')] }),
      /found "a" twice/
    )
  })

  test('refuses the name "{0}"')
    .with([[''], ['Office'], ['../x'], ['-x'], ['x'.repeat(65)]] as const)
    .run(({ assert }, [name]) => {
      assert.throws(() => defineSite({ name, plugins: [] }), /Expected a name/)
    })

  test('refuses hours that do not exist at once', ({ assert }) => {
    const workingHours = { days: { monday: [['9', '17']] } } as const

    assert.throws(() => defineSite({ name: 'x', plugins: [], workingHours }), /Expected hours/)
  })
})
