import { test } from '@japa/runner'
import { verdicts, type Reply, type Verdict } from '../src/verdict.ts'

const OURS = { error: { code: 'E_X', message: 'Said so', field: 'f', help: '', id: '1' } }
const answer = (
  status: number,
  body: unknown = undefined,
  retryAfterMs: number | null = null
): Reply => ({
  kind: 'answer',
  status,
  body,
  retryAfterMs,
})

/** What each status means where nobody in particular is named. The table of delivery.md. */
function expected(status: number): Verdict['status'] {
  if (status >= 200 && status < 300) return 'keep'
  if (status >= 300 && status < 400) return 'hold'
  if (status < 200 || status >= 500 || [408, 425, 429].includes(status)) return 'keep'
  if (status === 413) return 'split'
  return 'hold'
}

test.group('verdict', () => {
  test('every status from 100 to 599, without a word of our server, means what the table says', ({
    assert,
  }) => {
    const statuses = Array.from({ length: 500 }, (_, index) => 100 + index)

    const found = statuses.map(
      (status) => `${status} ${verdicts(answer(status), ['a'])[0]?.status}`
    )

    assert.deepEqual(
      found,
      statuses.map((status) => `${status} ${expected(status)}`)
    )
  })

  test('{0} from our server is {1}')
    .with([
      [400, 'split'],
      [401, 'hold'],
      [403, 'hold'],
      [404, 'hold'],
      [405, 'hold'],
      [409, 'rejected'],
      [410, 'hold'],
      [413, 'split'],
      [422, 'split'],
      [426, 'hold'],
      [429, 'keep'],
      [500, 'keep'],
      [503, 'keep'],
      [507, 'keep'],
    ] as const)
    .run(({ assert }, [status, verdict]) => {
      assert.equal(verdicts(answer(status, OURS), ['a'])[0]?.status, verdict)
    })

  test('a refusal that no rule names is tried once more after an hour', ({ assert }) => {
    assert.containsSubset(verdicts(answer(418), ['a'])[0], {
      status: 'hold',
      then: 'dead',
      probeAfterMs: 3_600_000,
    })
  })

  test('what a person must put right is probed each quarter of an hour', ({ assert }) => {
    for (const status of [301, 401, 403, 404, 405, 410, 426]) {
      assert.containsSubset(verdicts(answer(status), ['a'])[0], {
        then: 'probe',
        probeAfterMs: 900_000,
      })
    }
  })

  test('each id of a batch gets its own verdict, in the order of the ids', ({ assert }) => {
    const results = [
      { id: 'c', result: 'rejected', code: 'E_BAD', field: 'seq', message: 'No' },
      { id: 'a', result: 'created' },
      { id: 'b', result: 'duplicate' },
      { id: 'd', result: 'conflict', code: 'E_CONFLICT', field: null, message: 'Other bytes' },
    ]

    const found = verdicts(answer(200, { results }), ['a', 'b', 'c', 'd', 'e'])

    assert.deepEqual(
      found.map(({ status }) => status),
      ['accepted', 'accepted', 'rejected', 'rejected', 'keep']
    )
    assert.containsSubset(found[2], { code: 'E_BAD', field: 'seq', message: 'No' })
  })

  test('a single item is accepted when its id is echoed', ({ assert }) => {
    assert.deepEqual(verdicts(answer(201, { id: 'a', result: 'created' }), ['a']), [
      { status: 'accepted', result: 'created' },
    ])
  })

  test('a 2xx that echoes no id keeps the items: {0}')
    .with([
      ['no JSON', undefined],
      ['another id', { id: 'b', result: 'created' }],
      ['another word', { id: 'a', result: 'ok' }],
      ['an empty list', { results: [] }],
      ['a list', [{ id: 'a', result: 'created' }]],
      ['null', null],
      ['a number', 1],
    ] as const)
    .run(({ assert }, [, body]) => {
      assert.equal(verdicts(answer(200, body), ['a'])[0]?.status, 'keep')
    })

  test('a result without an id belongs to the item in its place', ({ assert }) => {
    const results = [
      { id: 'a', result: 'created' },
      { id: null, result: 'rejected', code: 'E_BAD', field: null, message: 'No' },
    ]

    assert.deepEqual(
      verdicts(answer(200, { results }), ['a', 'b']).map(({ status }) => status),
      ['accepted', 'rejected']
    )
  })

  test('what the server asks to wait reaches the courier', ({ assert }) => {
    assert.containsSubset(verdicts(answer(503, OURS, 7000), ['a'])[0], {
      answered: true,
      retryAfterMs: 7000,
    })
  })

  test('no answer at all keeps the items', ({ assert }) => {
    const reply: Reply = { kind: 'failure', code: 'ECONNREFUSED', message: 'Nobody there' }

    assert.deepEqual(verdicts(reply, ['a']), [
      {
        status: 'keep',
        answered: false,
        reason: 'Nobody there (ECONNREFUSED)',
        retryAfterMs: null,
      },
    ])
  })
})
