import { hash } from 'node:crypto'
import { test } from '@japa/runner'
import { defineSite, type SiteConfig } from '../src/define_site.ts'
import { NOTICE_LANGUAGES, NOTICE_LAWS } from '../notices/facts.ts'
import { INITIAL_POLICY, POLICY_KEYS } from '../contract/policy.ts'
import { acknowledge, isAcknowledged, noticeOf } from '../src/notice.ts'

const siteWith = (every: string, rest: Partial<SiteConfig> = {}) =>
  defineSite({
    name: 'office',
    plugins: [
      {
        name: 'screenshot',
        version: '1',
        notice: { collects: 'a picture of every display', every },
        apply: () => undefined,
      },
      { name: 'other', version: '1', apply: () => undefined },
    ],
    ...rest,
  })

test.group('notice', () => {
  test('says what each plugin declares, and that one declares nothing', ({ assert }) => {
    const { text } = noticeOf(siteWith('every 5 minutes'))

    assert.include(text, '- screenshot: a picture of every display, every 5 minutes')
    assert.include(text, '- other: not declared by this plugin')
    assert.include(text, 'at any time the machine is in use')
  })

  test('in German, it has no English but what a plugin says in no other language', ({ assert }) => {
    const inLanguages = { de: { collects: 'ein Bild jedes Bildschirms', every: 'stündlich' } }
    const notice = { collects: 'a picture of every display', every: 'hourly', inLanguages }
    const site = defineSite({
      name: 'buero',
      workingHours: { days: { monday: [['09:00', '17:00']] } },
      plugins: [{ name: 'screenshot', version: '1', notice, apply: () => undefined }],
      notice: { language: 'de', law: 'eu' },
    })

    const { text, language } = noticeOf(site, {
      version: 7,
      values: INITIAL_POLICY,
      timeZone: 'Europe/Berlin',
    })

    assert.equal(language, 'de')
    assert.include(text, '- screenshot: ein Bild jedes Bildschirms, stündlich')
    assert.include(text, 'Wann: Montag 09:00–17:00')
    assert.include(text, 'In diesem Rahmen gilt Richtlinie 7:')
    assert.include(text, 'Nie erhoben: Tastenanschläge, Zwischenablage')
    assert.notMatch(text, /\b(the|every|days|until|kept|seconds|screenshots)\b/)
  })

  test('says each value of a policy, in {$self}')
    .with([...NOTICE_LANGUAGES])
    .run(({ assert }, language) => {
      const site = siteWith('hourly', { notice: { language } })
      const without = noticeOf(site).text.split('\n').length
      const texts = POLICY_KEYS.map(
        (key) =>
          noticeOf(site, { version: 3, values: { [key]: INITIAL_POLICY[key] }, timeZone: null })
            .text
      )

      assert.equal(new Set(texts).size, POLICY_KEYS.length)
      for (const text of texts) {
        assert.lengthOf(text.split('\n'), without + 2)
        assert.notInclude(text, 'undefined')
      }
    })

  test('follows a law: {law} in {language} says {words}')
    .with([
      { law: 'eu', language: 'en', words: 'Complaint to a supervisory authority (77): LfDI' },
      { law: 'eu', language: 'de', words: 'Rechtsgrundlage (Artikel 6, § 26 BDSG): Vertrag' },
      { law: 'eu', language: 'de', words: 'Datenschutzbeauftragte: dsb@example.org' },
      { law: 'uk', language: 'en', words: 'Lawful basis: Vertrag' },
      {
        law: 'new-york',
        language: 'en',
        words: 'may be subject to monitoring at any and all times',
      },
      {
        law: 'new-york',
        language: 'de',
        words: 'may be subject to monitoring at any and all times',
      },
    ] as const)
    .run(({ assert }, { law, language, words }) => {
      const notice = {
        law,
        language,
        legalBasis: 'Vertrag',
        complaintsTo: 'LfDI',
        protectionOfficer: 'dsb@example.org',
      }

      assert.include(noticeOf(siteWith('hourly', { notice })).text, words)
    })

  test('says where the organisation is silent on what a law asks for', ({ assert }) => {
    for (const law of ['eu', 'uk'] as const) {
      const { text } = noticeOf(siteWith('hourly', { notice: { law } }))
      assert.isAtLeast(text.split('not said by the organisation').length, 7)
    }
    assert.include(
      noticeOf(siteWith('hourly', { notice: { law: 'uk' } })).text,
      'Information Commissioner’s Office'
    )
  })

  test('where a contact is named, that is whom to ask, in {$self}')
    .with([...NOTICE_LANGUAGES])
    .run(({ assert }, language) => {
      const [asked, enrolled] = {
        en: ['ask its contact', 'whoever enrolled'],
        de: ['der Ansprechpartner weiß es', 'wer diesen Rechner angemeldet hat'],
      }[language]
      const text = (contact?: string) =>
        noticeOf(siteWith('hourly', { notice: { law: 'eu', language, contact } })).text

      assert.include(text('ada@example.org'), asked)
      assert.notInclude(text('ada@example.org'), enrolled)
      assert.include(text(), enrolled)
    })

  test('a period that the policy above says is not called unsaid below, in {$self}')
    .with([...NOTICE_LANGUAGES])
    .run(({ assert }, language) => {
      const words = { en: 'as the policy above says', de: 'wie die Richtlinie oben sagt' }
      for (const law of ['eu', 'uk'] as const) {
        const site = siteWith('hourly', { notice: { law, language } })
        const textWith = (key: 'retention.titles_days' | 'review.minutes') =>
          noticeOf(site, { version: 1, values: { [key]: INITIAL_POLICY[key] }, timeZone: null })
            .text
        assert.include(textWith('retention.titles_days'), words[language])
        assert.notInclude(textWith('review.minutes'), words[language])
      }
    })

  test('no notice says that captures wait for no minutes', ({ assert }) => {
    for (const language of NOTICE_LANGUAGES) {
      const site = siteWith('hourly', { notice: { language } })
      const values = { 'review.minutes': 0 }
      assert.notMatch(
        noticeOf(site, { version: 1, values, timeZone: null }).text,
        /\b0 (minutes|Minuten)/
      )
    }
  })

  test('each law and language is another text', ({ assert }) => {
    const hashes = NOTICE_LANGUAGES.flatMap((language) =>
      [undefined, ...NOTICE_LAWS].map((law) => {
        const notice = law === undefined ? { language } : { language, law }
        return noticeOf(siteWith('hourly', { notice })).sha256
      })
    )

    assert.equal(new Set(hashes).size, 8)
  })

  test('a language or law that is not there is refused with the site', ({ assert }) => {
    assert.throws(() => siteWith('hourly', { notice: { language: 'fr' as 'en' } }), /en or de/)
    assert.throws(() => siteWith('hourly', { notice: { law: 'mars' as 'eu' } }), /mars/)
  })

  test('says what only the organisation knows', ({ assert }) => {
    const notice = {
      organisation: 'Acme',
      purpose: 'Billing',
      seenBy: 'Your lead',
      kept: '30 days',
      contact: 'dpo',
    }
    const { text } = noticeOf(siteWith('hourly', { notice }))

    for (const words of Object.values(notice)) {
      assert.include(text, words)
    }
  })

  test('its hash is that of its text', ({ assert }) => {
    const { text, sha256 } = noticeOf(siteWith('hourly'))

    assert.equal(sha256, hash('sha256', text, 'hex'))
  })

  test('an acknowledgement stands for this text and no other', ({ assert }) => {
    const hourly = noticeOf(siteWith('hourly'))
    const acknowledgement = acknowledge(hourly, 0)

    assert.isTrue(isAcknowledged(hourly, acknowledgement))
    assert.isFalse(isAcknowledged(noticeOf(siteWith('every minute')), acknowledgement))
    assert.isFalse(
      isAcknowledged(noticeOf(siteWith('hourly', { notice: { version: 2 } })), acknowledgement)
    )
    assert.isFalse(isAcknowledged(hourly, null))
  })
})
