import { test } from '@japa/runner'
import { WindowTracker, type WindowSpan } from './window_tracker.ts'

const window = (app: string, title: string | null = null) => ({
  app,
  title,
  domain: null,
  pid: 1,
})

const told = ({ app, title, from, until }: WindowSpan) => [app, title, from, until]

test.group('WindowTracker', () => {
  test('equal readings are one span, which ends where the next begins', ({ assert }) => {
    const tracker = new WindowTracker()

    const spans = [
      ...tracker.see(window('Editor', 'a'), 0, null),
      ...tracker.see(window('Editor', 'a'), 1000, 0),
      ...tracker.see(window('Editor', 'b'), 2000, 1000),
      ...tracker.see(window('Mail'), 3000, 2000),
      ...tracker.see(window('Mail'), 4000, 3000),
      ...tracker.end(),
    ]

    assert.deepEqual(spans.map(told), [
      ['Editor', 'a', 0, 2000],
      ['Editor', 'b', 2000, 3000],
      ['Mail', null, 3000, 4000],
    ])
  })

  test('nothing in front is no span', ({ assert }) => {
    const tracker = new WindowTracker()

    const spans = [
      ...tracker.see(window('Editor'), 0, null),
      ...tracker.see(null, 1000, 0),
      ...tracker.see(null, 2000, 1000),
      ...tracker.see(window('Editor'), 3000, 2000),
      ...tracker.see(window('Editor'), 4000, 3000),
      ...tracker.end(),
    ]

    assert.deepEqual(spans.map(told), [
      ['Editor', null, 0, 1000],
      ['Editor', null, 3000, 4000],
    ])
  })

  test('a reading that cannot go on from the last one begins a new span', ({ assert }) => {
    const tracker = new WindowTracker()

    const spans = [
      ...tracker.see(window('Editor'), 0, null),
      ...tracker.see(window('Editor'), 1000, 0),
      ...tracker.see(window('Editor'), 60_000, null),
      ...tracker.see(window('Editor'), 61_000, 60_000),
      ...tracker.end(),
    ]

    assert.deepEqual(spans.map(told), [
      ['Editor', null, 0, 1000],
      ['Editor', null, 60_000, 61_000],
    ])
  })

  test('what is given out in parts has no seam', ({ assert }) => {
    const tracker = new WindowTracker()
    const parts: WindowSpan[] = []
    for (let at = 0; at <= 12_000; at += 1000) {
      parts.push(...tracker.see(window('Editor'), at, at === 0 ? null : at - 1000))
      parts.push(...tracker.flush(5000))
    }
    parts.push(...tracker.end())

    assert.deepEqual(
      parts.map(({ from, until }) => [from, until]),
      [
        [0, 5000],
        [5000, 10_000],
        [10_000, 12_000],
      ]
    )
  })
})
