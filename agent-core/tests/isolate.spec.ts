import { test } from '@japa/runner'
import { AgentError } from '../src/errors.ts'
import { createHooks, STAGE_LAST, type HookName } from '../src/hooks.ts'
import { BREAKER, Isolate } from '../src/isolate.ts'
import { aHeartbeat } from '../testing/main.ts'

function setUp(limits: Partial<Record<HookName, number>> = {}) {
  const hooks = createHooks()
  const failures: string[] = []
  const breakers: (number | null)[] = []
  const time = { now: 0 }
  const isolate = new Isolate(hooks, {
    now: () => time.now,
    failed: (plugin, hook, error) => failures.push(`${plugin} ${hook}: ${error.message}`),
    breaker: (_plugin, ms) => breakers.push(ms),
    limits,
  })
  return { hooks, failures, breakers, time, isolate }
}

const broken = () => {
  throw new Error('Broken')
}

test.group('Isolate', () => {
  test('a tap that throws, rejects or hangs stops nobody else', async ({ assert }) => {
    const { hooks, failures } = setUp({ start: 5 })
    const ran: string[] = []
    hooks.start.tap('throws', broken)
    hooks.start.tapPromise('rejects', async () => broken())
    hooks.start.tapPromise('hangs', () => new Promise(() => undefined))
    hooks.start.tapAsync('calls back', (callback) => callback(new Error('Broken')))
    hooks.start.tap('works', () => void ran.push('works'))

    await hooks.start.promise()

    assert.deepEqual(ran, ['works'])
    assert.deepEqual(failures, [
      'throws start: Broken',
      'rejects start: Broken',
      'hangs start: Expected "start" to end within 0.005 s, found it hanging',
      'calls back start: Broken',
    ])
  })

  test('a question whose tap fails is answered with no', ({ assert }) => {
    const { hooks, isolate } = setUp()
    hooks.shouldObserve.tap('fine', () => undefined)
    hooks.shouldObserve.tap('exclusions', broken)

    assert.isFalse(hooks.shouldObserve.call('screenshot'))
    assert.equal(isolate.refusedBy, 'exclusions')
  })

  test('a draft passes unchanged by a tap that fails, and is dropped by one that is fatal', async ({
    assert,
  }) => {
    const { hooks } = setUp()
    const draft = aHeartbeat()
    hooks.enrich.tapPromise('window', async () => broken())
    const passed = await hooks.enrich.promise(draft)
    hooks.enrich.tap({ name: 'redaction', fatal: true } as { name: string }, broken)

    assert.deepEqual(passed, draft)
    await assert.rejects(() => hooks.enrich.promise(draft), /Expected the redaction of redaction/)
  })

  test('the next one does not deliver in place of one that failed', async ({ assert }) => {
    const { hooks } = setUp()
    hooks.store.tapPromise('drive', async () => broken())
    hooks.store.tapPromise({ name: 'last', stage: STAGE_LAST }, async () => ({
      disk: 'd',
      key: 'k',
    }))
    const item = { observation: { ...aHeartbeat(), id: 'a' } as never, payload: null }

    await assert.rejects(() => hooks.store.promise(item, AbortSignal.timeout(1000)), /Broken/)
  })

  test('a wrong option stops the start, any other fault of validate does not', async ({
    assert,
  }) => {
    const { hooks } = setUp()
    hooks.validate.tap('binary', broken)
    await hooks.validate.promise()
    hooks.validate.tap('option', () => {
      throw new AgentError('E_INVALID_OPTION', 'Expected a number')
    })

    await assert.rejects(() => hooks.validate.promise(), /Expected a number/)
  })

  test('a plugin that keeps failing is left alone, longer each time, and tried again', async ({
    assert,
  }) => {
    const { hooks, breakers, time } = setUp()
    const calls: number[] = []
    let isBroken = true
    hooks.recorded.tap('plugin', () => {
      calls.push(time.now)
      if (isBroken) {
        broken()
      }
    })
    const call = () => hooks.recorded.call({} as never)

    Array.from({ length: 10 }, call)
    const whileOpen = calls.length
    time.now += BREAKER.firstMs
    call()
    call()
    const afterProbe = calls.length
    isBroken = false
    time.now += BREAKER.firstMs * 2
    call()
    call()

    assert.equal(whileOpen, BREAKER.opensAfter)
    assert.equal(afterProbe, BREAKER.opensAfter + 1)
    assert.equal(calls.length, BREAKER.opensAfter + 3)
    assert.deepEqual(breakers, [BREAKER.firstMs, BREAKER.firstMs * 2, null])
  })

  test('a plugin whose turns keep failing is left alone too, also when its taps work', ({
    assert,
  }) => {
    const { hooks, isolate, breakers, time } = setUp()
    const calls: number[] = []
    hooks.recorded.tap('plugin', () => {
      calls.push(time.now)
    })
    const fail = () => {
      isolate.turnFailed('plugin')
      hooks.recorded.call({} as never)
    }

    Array.from({ length: BREAKER.opensAfter }, fail)
    const isResting = isolate.isResting('plugin')
    time.now += BREAKER.firstMs
    const isTried = !isolate.isResting('plugin')
    isolate.turnFailed('plugin')
    time.now += BREAKER.firstMs * 2
    isolate.turnPassed('plugin')

    assert.isTrue(isResting)
    assert.lengthOf(calls, BREAKER.opensAfter - 1)
    assert.isTrue(isTried)
    assert.isFalse(isolate.isResting('other'))
    assert.deepEqual(breakers, [BREAKER.firstMs, BREAKER.firstMs * 2, null])
  })

  test('a plugin that is off runs no tap; what it guarded stays closed, liveness stays open', ({
    assert,
  }) => {
    const { hooks, isolate } = setUp()
    hooks.shouldObserve.tap('exclusions', () => undefined)

    isolate.switchOff('exclusions')

    assert.isFalse(hooks.shouldObserve.call('screenshot'))
    assert.isUndefined(hooks.shouldObserve.call('heartbeat'))
  })
})
