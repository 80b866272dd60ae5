import { actionWords, detailLines } from '#services/audit_words'
import { browserWords } from '#services/browser_words'
import { test } from '@japa/runner'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.group('Words of a browser', () => {
  test('{words}')
    .with([
      {
        userAgent: `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`,
        words: 'Chrome on Linux',
      },
      {
        userAgent: `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36`,
        words: 'Chromium on Linux',
      },
      {
        userAgent: `Mozilla/5.0 (Windows NT 10.0) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`,
        words: 'Edge on Windows',
      },
      {
        userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
        words: 'Firefox on Android',
      },
      {
        userAgent: `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${WEBKIT} Version/18.0 Safari/604.1`,
        words: 'Safari on iOS',
      },
      { userAgent: 'curl/8.14.1', words: 'curl/8.14.1' },
    ])
    .run(({ assert }, { userAgent, words }) => {
      assert.equal(browserWords(userAgent), words)
    })
})

test.group('Words of the audit log', () => {
  test('an action is a sentence, and stands as it is where it has none', ({ assert }) => {
    assert.equal(actionWords('password'), 'Signed in with a password')
    assert.equal(actionWords('constructor'), 'constructor')
    assert.equal(actionWords('lunch.eat'), 'lunch.eat')
  })

  test('details are one line a value: what it was and is, or what it is', ({ assert }) => {
    const changed = { before: { role: 'member', team: null }, after: { role: 'manager', team: 2 } }
    const made = { before: null, after: { name: 'Dana', time_zone: 'UTC', team: null } }

    assert.deepEqual(detailLines(JSON.stringify(changed)), [
      'role: member → manager',
      'team: none → 2',
    ])
    assert.deepEqual(detailLines(JSON.stringify(made)), ['name: Dana', 'time zone: UTC'])
    assert.deepEqual(detailLines(null), [])
  })

  test('details that somebody else wrote stand as they are', ({ assert }) => {
    for (const details of ['{"before"', '7', '{"after":"all"}']) {
      assert.deepEqual(detailLines(details), [details])
    }
  })
})
