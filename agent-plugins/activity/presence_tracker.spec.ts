import { test } from '@japa/runner'
import { PresenceTracker, type PresenceSpan, type Reading } from './presence_tracker.ts'

const START = Date.parse('2026-03-02T09:00:00.000Z')
const AFK_MS = 10_000

/** A tracker with a second a reading, told in seconds: `[second, seconds without input]`. */
function track(
  readings: readonly (readonly [at: number, idle: number | null, extra?: Partial<Reading>])[]
) {
  const tracker = new PresenceTracker(AFK_MS, { slotMs: 1000, pulsetimeMs: 3000 })
  const spans: PresenceSpan[] = []
  for (const [second, idle, extra] of readings) {
    spans.push(...tracker.see(reading(second, idle, extra)).spans)
  }
  return { tracker, spans: [...spans, ...tracker.end()].map(inSeconds) }
}

function reading(second: number, idle: number | null, extra: Partial<Reading> = {}): Reading {
  return {
    at: START + second * 1000,
    asked: second * 1000,
    answered: second * 1000,
    idleMs: idle === null ? null : idle * 1000,
    isLocked: false,
    ...extra,
  }
}

function inSeconds({ state, from, until, activeMs }: PresenceSpan) {
  return [state, (from - START) / 1000, (until - START) / 1000, activeMs / 1000]
}

/** One reading a second from `from` to `until`, with the last input at `input`. */
function still(from: number, until: number, input: number) {
  return seconds(from, until).map((at) => [at, at - input] as const)
}

/** One reading a second, each with input just before it. */
function busy(from: number, until: number) {
  return seconds(from, until).map((at) => [at, 0.1] as const)
}

function seconds(from: number, until: number): number[] {
  return Array.from({ length: until - from + 1 }, (_, index) => from + index)
}

test.group('PresenceTracker', () => {
  test('a person who types is active, every second of it', ({ assert }) => {
    const { spans } = track(busy(0, 30))

    assert.deepEqual(spans, [['active', 0, 30, 30]])
  })

  test('being away starts at the last input, not when it is noticed', ({ assert }) => {
    const { spans } = track([...busy(0, 5), ...still(6, 20, 4.9)])

    assert.deepEqual(spans, [
      ['active', 0, 4.9, 4.9],
      ['afk', 4.9, 20, 0],
    ])
  })

  test('a pause shorter than the threshold is none, but has no active seconds', ({ assert }) => {
    const { spans } = track([...busy(0, 5), ...still(6, 14, 4.9), ...busy(15, 20)])

    assert.deepEqual(spans, [['active', 0, 20, 11]])
  })

  test('thirty of sixty seconds with input are half of them', ({ assert }) => {
    const halves = [0, 10, 20, 30, 40, 50].flatMap((from) => [
      ...still(from + 1, from + 5, from - 0.1),
      ...busy(from + 6, from + 10),
    ])

    const { spans } = track([[0, 0.1], ...halves])

    assert.deepEqual(spans, [['active', 0, 60, 30]])
  })

  test('who comes back is active from that input on', ({ assert }) => {
    const { spans } = track([...still(0, 20, -30), [21, 0.4], ...busy(22, 25)])

    assert.deepEqual(spans, [
      ['afk', 0, 20.6, 0],
      ['active', 20.6, 25, 4.4],
    ])
  })

  test('a lock ends what was, and is no work however much is typed', ({ assert }) => {
    const locked = { isLocked: true }
    const { spans } = track([
      ...busy(0, 5),
      [6, 0.5, locked],
      [7, 0.1, locked],
      [8, 0.1, locked],
      ...busy(9, 12),
    ])

    assert.deepEqual(spans, [
      ['active', 0, 5.5, 5],
      ['locked', 5.5, 8.9, 0],
      ['active', 8.9, 12, 3.1],
    ])
  })

  test('a machine that slept is asleep from the last reading to the next', ({ assert }) => {
    const { spans } = track([
      ...busy(0, 5),
      [3605, 5, { asked: 6000, answered: 6000 }],
      [3606, 0.1, { asked: 7000, answered: 7000 }],
    ])

    assert.deepEqual(spans, [
      ['active', 0, 5, 5],
      ['asleep', 5, 3605, 0],
      ['active', 3605, 3606, 1],
    ])
  })

  test('time in which nobody looked is in no span', ({ assert }) => {
    const { spans } = track([...busy(0, 5), ...busy(60, 65)])

    assert.deepEqual(spans, [
      ['active', 0, 5, 5],
      ['active', 60, 65, 5],
    ])
  })

  test('a date that is set back makes no span longer or negative', ({ assert }) => {
    const { spans } = track([
      ...busy(100, 105),
      [45, 0.1, { asked: 106_000, answered: 106_000 }],
      [46, 0.1, { asked: 107_000, answered: 107_000 }],
    ])

    assert.deepEqual(spans, [
      ['active', 100, 105, 5],
      ['active', 45, 46, 1],
    ])
  })

  test('a machine without a reading is unknown, never away', ({ assert }) => {
    const { spans } = track([...busy(0, 3), [4, null], [5, null], ...busy(6, 8)])

    assert.deepEqual(spans, [
      ['active', 0, 3, 3],
      ['unknown', 3, 5.9, 0],
      ['active', 5.9, 8, 2],
    ])
  })

  test('answers that come late are no input', ({ assert }) => {
    const tracker = new PresenceTracker(AFK_MS, { slotMs: 1000, pulsetimeMs: 3000 })
    const spans: PresenceSpan[] = []
    for (const at of seconds(0, 9)) {
      // the answer was right when it was given, up to 300 ms before it was seen
      const lateMs = (at * 70) % 300
      const answered = at * 1000 + lateMs
      const idleMs = at * 1000 + (lateMs >> 1)
      const { spans: ended } = tracker.see(
        reading(at, 0, { at: START + answered, asked: at * 1000, answered, idleMs })
      )
      spans.push(...ended)
    }

    const [span] = [...spans, ...tracker.end()]

    assert.equal(span?.state, 'active')
    assert.equal(span?.activeMs, 0)
  })

  test('an idle time in whole milliseconds or coarse ticks is no input', ({ assert }) => {
    const tracker = new PresenceTracker(AFK_MS, { slotMs: 1000, pulsetimeMs: 3000 })
    for (const at of seconds(0, 9)) {
      const exactMs = at * 1000 + at * 3.7
      const idleMs = Math.floor(exactMs / 16) * 16
      const asked = at * 1000 + at * 3.7
      tracker.see(reading(at, 0, { at: START + exactMs, asked, answered: asked + 0.2, idleMs }))
    }

    const [span] = tracker.end()

    assert.equal(span?.state, 'active')
    assert.equal(span?.activeMs, 0)
  })

  test('an active span is given out up to the last input, and goes on without a seam', ({
    assert,
  }) => {
    const tracker = new PresenceTracker(AFK_MS, { slotMs: 1000, pulsetimeMs: 3000 })
    const parts: PresenceSpan[] = []
    for (const [at, idle] of [...busy(0, 4), ...still(5, 9, 3.9), ...still(10, 20, 3.9)]) {
      parts.push(...tracker.see(reading(at, idle)).spans, ...tracker.flush(5000))
    }

    parts.push(...tracker.end())

    assert.deepEqual(parts.map(inSeconds), [
      ['active', 0, 3.9, 3.9],
      ['afk', 3.9, 19, 0],
      ['afk', 19, 20, 0],
    ])
  })

  test('parts of a busy span lose no active second', ({ assert }) => {
    const tracker = new PresenceTracker(AFK_MS, { slotMs: 1000, pulsetimeMs: 3000 })
    const parts: PresenceSpan[] = []
    for (const [at, idle] of busy(0, 20)) {
      parts.push(...tracker.see(reading(at, idle)).spans, ...tracker.flush(5000))
    }
    parts.push(...tracker.end())

    assert.isAtLeast(parts.length, 4)
    assert.equal(
      parts.reduce((sum, { activeMs }) => sum + activeMs, 0),
      20_000
    )
    assert.isTrue(parts.every(({ from, until, activeMs }) => activeMs <= until - from))
    assert.isTrue(parts.slice(1).every(({ from }, index) => from === parts[index]?.until))
  })
})
