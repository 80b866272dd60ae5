import { test } from '@japa/runner'
import fc from 'fast-check'
import type { Agent } from '../../src/plugin.ts'
import {
  compileExclusions,
  Exclusions,
  exclusionsOf,
  type Exclusion,
} from '../../src/trust/exclusions.ts'
import { compilePattern, folded } from '../../src/trust/pattern.ts'
import { SHIPPED_EXCLUSIONS } from '../../src/trust/shipped_exclusions.ts'

/** Windows as title bars and window managers name them, each with the list that must take it. */
const SHIPPED_CASES: readonly [app: string, title: string, reason: string][] = [
  ['keepassxc', 'Passwords.kdbx [Locked] - KeePassXC', 'password manager'],
  ['1Password', 'All Items', 'password manager'],
  ['Bitwarden', 'Vault', 'password manager'],
  ['firefox', 'Bitwarden Web vault — Mozilla Firefox', 'password manager'],
  ['firefox', 'Weather — Mozilla Firefox Private Browsing', 'private browsing'],
  ['firefox', 'Mozilla Firefox (Privater Modus)', 'private browsing'],
  ['Google-chrome', 'Weather - Google Chrome (Incognito)', 'private browsing'],
  ['chrome.exe', 'Wetter – Google Chrome (Inkognito)', 'private browsing'],
  ['msedge.exe', 'Weather and 1 more page - [InPrivate] - Microsoft Edge', 'private browsing'],
  ['Tor Browser', 'New Tab', 'private browsing'],
  ['firefox', 'Sparkasse Musterstadt: Ihr Finanzstatus — Mozilla Firefox', 'banking'],
  ['chrome.exe', 'PayPal: Summary - Google Chrome', 'banking'],
  ['firefox', 'Meine Termine | Doctolib — Mozilla Firefox', 'health'],
  ['chrome.exe', 'MyChart - Test Results - Google Chrome', 'health'],
  ['thunderbird', 'Einladung zur Betriebsratssitzung', 'union and works council'],
  ['chrome.exe', 'Join a trade union | TUC - Google Chrome', 'union and works council'],
]

const WORK: readonly [app: string, title: string][] = [
  ['code', 'databank.ts - worksight - Visual Studio Code'],
  ['firefox', 'Quarterly report.ods — LibreOffice Calc'],
  ['Google-chrome', 'Pull request 41: private fields of a class - Google Chrome'],
  ['thunderbird', 'Inbox - dana@example.org'],
  ['kitty', '~/work'],
]

/** What a pattern means, said slowly: the fewest lines that cannot be wrong. */
function matchesSlowly(pattern: string, subject: string): boolean {
  const reaches = new Array<boolean>(subject.length + 1).fill(false)
  reaches[0] = true
  for (const character of pattern) {
    if (character === '*') {
      reaches.forEach((_, at) => (reaches[at] ||= at > 0 && reaches[at - 1] === true))
    } else {
      for (let at = subject.length; at > 0; at -= 1) {
        reaches[at] = reaches[at - 1] === true && subject[at - 1] === character
      }
      reaches[0] = false
    }
  }
  return reaches[subject.length] === true
}

const few = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), maxLength })
const anyExclusion: fc.Arbitrary<Exclusion> = fc.record({
  app: fc.option(fc.string({ unit: 'grapheme', maxLength: 12 })),
  title: fc.option(fc.string({ unit: 'grapheme', maxLength: 12 })),
  reason: fc.option(fc.constant('mine')),
})

test.group('exclusions | patterns', () => {
  test('a pattern matches exactly what it says', ({ assert }) => {
    fc.assert(
      fc.property(few('AB*', 10), few('AB', 12), (pattern, subject) => {
        assert.equal(compilePattern(pattern)(subject), matchesSlowly(pattern, subject))
      }),
      { numRuns: 5_000 }
    )
  })

  test('case does not count, in any script', ({ assert }) => {
    fc.assert(
      fc.property(few('aéßσςΣяЖşçZ9 ', 12), (text) => {
        for (const written of [text.toLowerCase(), text.toUpperCase(), text]) {
          assert.isTrue(compilePattern(text)(folded(written)), `${text} against ${written}`)
          assert.isTrue(compilePattern(`*${written}*`)(folded(`before ${text} after`)))
        }
      })
    )
  })

  test('signs of regular expressions stand for themselves', ({ assert }) => {
    assert.isTrue(compilePattern('a.(b)+[c]?*')(folded('A.(B)+[C]? and more')))
    assert.isFalse(compilePattern('a.c')(folded('abc')))
    assert.isFalse(compilePattern('.*')(folded('abc')))
  })

  test('a pattern made to be slow ends over a title of a megabyte', ({ assert }) => {
    const subject = 'A'.repeat(1_000_000)

    assert.isFalse(compilePattern(`${'*a'.repeat(120)}*b`)(subject))
    assert.isFalse(compilePattern(`${'*a'.repeat(120)}*b*`)(subject))
    assert.isTrue(compilePattern('*a'.repeat(120))(subject))
  })
})

test.group('exclusions', () => {
  test('{app} "{title}" is excluded by what WorkSight ships')
    .with(SHIPPED_CASES.map(([app, title, reason]) => ({ app, title, reason })))
    .run(({ assert }, { app, title, reason }) => {
      assert.equal(compileExclusions(SHIPPED_EXCLUSIONS)({ app, title }), reason)
    })

  test('{app} "{title}" is not excluded')
    .with(WORK.map(([app, title]) => ({ app, title })))
    .run(({ assert }, { app, title }) => {
      assert.isNull(compileExclusions(SHIPPED_EXCLUSIONS)({ app, title }))
    })

  test('every shipped exclusion has a reason and a pattern that is not everything', ({
    assert,
  }) => {
    for (const { app, title, reason } of SHIPPED_EXCLUSIONS) {
      assert.isNotNull(reason)
      assert.match((app ?? title ?? '').replaceAll('*', ''), /[\p{L}\p{N}]{2}/u)
    }
  })

  test('one with app and title needs both, one with neither excludes nothing', ({ assert }) => {
    const both = compileExclusions([{ app: 'mail*', title: '*salary*', reason: null }])

    assert.equal(both({ app: 'Mail', title: 'Your salary' }), 'excluded')
    assert.isNull(both({ app: 'Mail', title: 'Lunch' }))
    assert.isNull(both({ app: 'Editor', title: 'Your salary' }))
    assert.isNull(both({ app: 'Mail', title: null }))
    assert.isNull(
      compileExclusions([{ app: null, title: null, reason: null }])({ app: 'a', title: 'b' })
    )
  })

  test('whatever site, policy and person add, the floor still excludes what it excluded', ({
    assert,
  }) => {
    const floor = compileExclusions(SHIPPED_EXCLUSIONS)
    const lists = fc.array(anyExclusion, { maxLength: 5 })
    const window = fc.constantFrom(...SHIPPED_CASES.map(([app, title]) => ({ app, title })))
    fc.assert(
      fc.property(lists, lists, lists, window, (site, policy, person, seen) => {
        const exclusions = new Exclusions()
        exclusions.set('site', site)
        exclusions.set('policy', policy)
        exclusions.set('person', person)
        exclusions.set('policy', [])

        assert.equal(exclusions.isExcluded(seen), floor(seen))
      })
    )
  })

  test('an addition excludes more and never less', ({ assert }) => {
    const lists = fc.array(anyExclusion, { maxLength: 8 })
    const name = fc.option(fc.string({ unit: 'grapheme', maxLength: 12 }))
    fc.assert(
      fc.property(lists, lists, name, name, (some, more, app, title) => {
        const before = compileExclusions(some)({ app, title })
        const after = compileExclusions(some, more)({ app, title })

        assert.isTrue(before === null || after === before)
      })
    )
  })

  test('those of one agent are live and its own', ({ assert }) => {
    const [one, other] = [{} as Agent, {} as Agent]
    const { isExcluded } = exclusionsOf(one)

    exclusionsOf(one).set('person', [{ app: 'Diary', title: null, reason: 'private' }])

    assert.equal(isExcluded({ app: 'diary', title: null }), 'private')
    assert.isNull(exclusionsOf(other).isExcluded({ app: 'diary', title: null }))
    assert.equal(
      exclusionsOf(other).isExcluded({ app: 'KeePass', title: null }),
      'password manager'
    )
  })
})
