import { setImmediate as turn } from 'node:timers/promises'
import { test } from '@japa/runner'
import { LogindLock } from './lock_state.ts'

/** A lock whose `busctl` answers what a test says, and a clock that it moves. */
function lockWith(first: string | Error) {
  const world = { answer: first, now: 0, asked: 0 }
  const run = async () => {
    world.asked += 1
    if (world.answer instanceof Error) {
      throw world.answer
    }
    return world.answer
  }
  const lock = new LogindLock(run, () => world.now)
  return {
    world,
    /** Asks, waits for the program, and asks again. */
    async read() {
      lock.isLocked()
      await turn()
      return lock.isLocked()
    },
  }
}

test.group('LogindLock', () => {
  test('{answer} is locked: {isLocked}')
    .with([
      { answer: 'b true\n', isLocked: true },
      { answer: 'b false\n', isLocked: false },
      { answer: '', isLocked: false },
    ])
    .run(async ({ assert }, { answer, isLocked }) => {
      assert.equal(await lockWith(answer).read(), isLocked)
    })

  test('starts its program every five seconds at most', async ({ assert }) => {
    const { world, read } = lockWith('b false')
    await read()
    world.answer = 'b true'

    world.now = 4_999
    assert.isFalse(await read())
    world.now = 5_000
    assert.isTrue(await read())

    assert.equal(world.asked, 2)
  })

  test('a machine without logind is not locked, and is left alone for five minutes', async ({
    assert,
  }) => {
    const { world, read } = lockWith(new Error('busctl is not there'))
    assert.isFalse(await read())

    world.now = 299_999
    await read()
    assert.equal(world.asked, 1)
    world.now = 300_000
    await read()
    assert.equal(world.asked, 2)
  })
})
