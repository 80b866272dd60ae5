import { bridges, type StreamEvent } from '#services/timeline/merge'
import { clip, intersect, subtract, total, union, type Span } from '#services/timeline/spans'
import { foreground, type WindowEvent } from '#services/timeline/windows'
import { test } from '@japa/runner'
import fc from 'fast-check'

const LAST = 60
const span = fc
  .tuple(fc.integer({ min: 0, max: LAST }), fc.integer({ min: 0, max: 15 }))
  .map(([from, length]): Span => ({ from, until: from + length }))
const spans = fc.array(span, { maxLength: 12 })

/** The whole numbers that lie in some spans: what the functions mean, counted by hand. */
function moments(list: readonly Span[]): Set<number> {
  const found = new Set<number>()
  for (const { from, until } of list) {
    for (let at = from; at < until; at += 1) {
      found.add(at)
    }
  }
  return found
}

function isOrdered(list: readonly Span[]): boolean {
  return list.every(
    (one, index) => one.from < one.until && (list[index + 1]?.from ?? Infinity) > one.until
  )
}

test.group('Spans', () => {
  test('union, difference and intersection hold the moments that sets hold', ({ assert }) => {
    fc.assert(
      fc.property(spans, spans, (one, other) => {
        const [a, b] = [moments(one), moments(other)]
        assert.deepEqual(moments(union(one)), new Set([...a].sort((x, y) => x - y)))
        assert.deepEqual([...moments(subtract(one, other))].sort(), [...a.difference(b)].sort())
        assert.deepEqual([...moments(intersect(one, other))].sort(), [...a.intersection(b)].sort())
        assert.equal(total(one), a.size)
        assert.isTrue([union(one), subtract(one, other), intersect(one, other)].every(isOrdered))
      })
    )
  })

  test('a clipped span keeps what it carries', ({ assert }) => {
    const clipped = clip([{ from: 0, until: 10, name: 'a' }], { from: 4, until: 6 })

    assert.deepEqual(clipped, [{ from: 4, until: 6, name: 'a' }])
  })
})

const event = fc
  .tuple(
    fc.constantFrom('a', 'b'),
    fc.integer({ min: 0, max: LAST }),
    fc.integer({ min: 0, max: 10 })
  )
  .map(([key, from, length]): StreamEvent => ({ key, from, until: from + length, pulsetimeMs: 4 }))
const stream = fc.array(event, { maxLength: 12 })

test.group('Merging by pulsetime', () => {
  test('bridges a hole between equal events as long as the pulsetime, and no longer one', ({
    assert,
  }) => {
    const at = (key: string, from: number, until: number) => ({ key, from, until, pulsetimeMs: 5 })

    assert.deepEqual(bridges([at('a', 0, 10), at('a', 15, 20)]), [
      { from: 10, until: 15, key: 'a' },
    ])
    assert.deepEqual(bridges([at('a', 0, 10), at('a', 16, 20)]), [])
    assert.deepEqual(bridges([at('a', 0, 10), at('b', 12, 20)]), [])
    assert.deepEqual(bridges([at('a', 0, 10), at('b', 12, 13), at('a', 14, 20)]), [])
  })

  test('gives the same whatever the order, and however often an event came', ({ assert }) => {
    fc.assert(
      fc.property(stream, fc.infiniteStream(fc.nat()), (events, numbers) => {
        const shuffled = [...events, ...events.slice(0, 3)]
          .map((one) => ({ one, order: numbers.next().value as number }))
          .sort((a, b) => a.order - b.order)
          .map(({ one }) => one)

        assert.deepEqual(bridges(shuffled), bridges(events))
      })
    )
  })

  test('gives the same when an event comes in two parts with a hole that it bridges', ({
    assert,
  }) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 4 }), (from, hole) => {
        const whole = { key: 'a', from, until: from + 20, pulsetimeMs: 4 }
        const parts = [
          { ...whole, until: from + 7 },
          { ...whole, from: from + 7 + hole },
        ]

        assert.deepEqual(union([...parts, ...bridges(parts)]), union([whole]))
      })
    )
  })
})

const window = fc
  .tuple(
    fc.constantFrom('Editor', 'Browser', 'Mail'),
    fc.constantFrom(1, 2),
    fc.integer({ min: 0, max: LAST }),
    fc.integer({ min: 0, max: 20 })
  )
  .map(
    ([app, agentId, from, length]): WindowEvent => ({
      app,
      agentId,
      title: null,
      domain: null,
      from,
      until: from + length,
      pulsetimeMs: 0,
    })
  )

test.group('The window in front', () => {
  test('is one at each moment: the one that came last of those that are there', ({ assert }) => {
    fc.assert(
      fc.property(fc.array(window, { maxLength: 12 }), (events) => {
        const seen = foreground(events)
        for (let at = 0; at < LAST + 25; at += 1) {
          const there = events.filter(({ from, until }) => from <= at && at < until)
          const last = there.sort(
            (a, b) => b.from - a.from || b.agentId - a.agentId || (a.app < b.app ? 1 : -1)
          )[0]
          const shown = seen.filter(({ from, until }) => from <= at && at < until)
          assert.deepEqual(
            shown.map(({ app }) => app),
            last ? [last.app] : []
          )
        }
      })
    )
  })
})
