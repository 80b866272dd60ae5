import { hash } from 'node:crypto'
import { test } from '@japa/runner'
import { defineSite, type SiteConfig } from '../src/define_site.ts'
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
