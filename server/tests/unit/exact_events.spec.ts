import { eventValidators, type EventKind } from '#contract/batch'
import { isExact } from '#services/exact_events'
import { anything, events } from '#tests/support/arbitraries'
import { heartbeat, uuidv7 } from '#tests/support/observations'
import { test } from '@japa/runner'
import fc from 'fast-check'

type Json = Record<string, unknown>

/** What the contract makes of an event, as text; null where it refuses it. */
async function byContract(kind: EventKind, event: unknown): Promise<string | null> {
  const [error, value] = await eventValidators[kind].tryValidate(event)
  return error ? null : JSON.stringify(value)
}

/** Every object within a value, itself too. */
function objectsOf(value: unknown): Json[] {
  if (typeof value !== 'object' || value === null) {
    return []
  }
  const inner = Object.values(value).flatMap(objectsOf)
  return Array.isArray(value) ? inner : [value as Json, ...inner]
}

/** Values at the edge of what fields take. */
const EDGES = [
  null,
  '',
  '0',
  -0,
  -1,
  0.5,
  1.5,
  2 ** 31,
  2 ** 53,
  1e400,
  true,
  [],
  {},
  '\ud83d',
  '\u0000',
  '𝒳'.repeat(33),
  'x'.repeat(2000),
  '2026-02-30T10:00:00Z',
  '2026-02-28T10:00:00.1234Z',
  '1999-12-31T23:59:59Z',
  '2026-11-22T10:00:00+01:00',
  '019AABCD-0000-7000-8000-000000000000',
]

type Change = (object: Json, key: string, value: unknown) => Json

/** What can be done to an object of a message; nothing, too. */
const CHANGES: readonly Change[] = [
  (object) => ({ ...object }),
  (object, key, value) => ({ ...object, [key]: value }),
  (object, key) => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key)),
  (object, _, value) => ({ ...object, more: value }),
  (object) => Object.fromEntries(Object.entries(object).reverse()),
]

const changed = fc
  .tuple(
    events,
    fc.nat(),
    fc.nat(),
    fc.constantFrom(...CHANGES),
    fc.oneof(fc.constantFrom<unknown>(...EDGES), anything)
  )
  .map(([made, which, field, change, value]) => {
    const event = structuredClone({ id: uuidv7(), seq: 1, ...made }) as Json
    const objects = objectsOf(event)
    const object = objects[which % objects.length] ?? event
    const keys = Object.keys(object)
    const after = change(object, keys[field % keys.length] ?? 'id', value)
    for (const key of keys) {
      delete object[key]
    }
    Object.assign(object, after)
    return { kind: made.kind, event }
  })

test.group('Exact events', () => {
  test('whatever the contract takes is exact once it has the order of the contract', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (made) => {
        const value = await byContract(made.kind, { id: uuidv7(), seq: 1, ...made })
        return value !== null && isExact(made.kind, JSON.parse(value))
      }),
      { numRuns: 300 }
    )
  })

  test('whatever is exact the contract takes, and gives back as it is', async ({ assert }) => {
    let exact = 0
    await fc.assert(
      fc.asyncProperty(changed, async ({ kind, event }) => {
        const isIt = isExact(kind, event)
        exact += Number(isIt)
        return !isIt || (await byContract(kind, event)) === JSON.stringify(event)
      }),
      { numRuns: 3000 }
    )
    assert.isAbove(exact, 200)
  }).timeout(30_000)

  for (const [fact, change] of [
    ['keys in another order', (event: Json) => Object.fromEntries(Object.entries(event).reverse())],
    ['half of a surrogate pair', (event: Json) => ({ ...event, agent_version: '\ud83d' })],
    ['33 UTF-16 units in 32', (event: Json) => ({ ...event, agent_version: '𝒳'.repeat(16) + 'x' })],
    ['the 30th of February', (event: Json) => ({ ...event, captured_at: '2026-02-30T10:00:00Z' })],
    [
      'a year that nobody is in',
      (event: Json) => ({ ...event, captured_at: '1970-01-01T00:00:00Z' }),
    ],
    [
      'a field that nobody knows',
      (event: Json) => JSON.parse(JSON.stringify({ ...event, more: 1 })),
    ],
    [
      '__proto__',
      (event: Json) => JSON.parse(JSON.stringify(event).replace('{', '{"__proto__":{},')),
    ],
    ['a number as text', (event: Json) => ({ ...event, seq: '1' })],
  ] as const) {
    test(`${fact} is not exact`, ({ assert }) => {
      const event = JSON.parse(JSON.stringify(heartbeat(1))) as Json
      assert.isTrue(isExact('heartbeat', event))
      assert.isFalse(isExact('heartbeat', change(event)))
    })
  }
})
