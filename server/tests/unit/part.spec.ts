import { leftovers } from '#services/testing/leftovers'
import { runPart, type Part } from '#services/testing/part'
import { test } from '@japa/runner'

/** A part that runs `script` in a Node of its own. */
const part = (name: string, script: string, seconds = 30): Part => ({
  name,
  title: name,
  command: [process.execPath, '--eval', script],
  environment: {},
  minutes: seconds / 60,
})

const TOTALS = `console.log('Tests  3 passed (3)')`

/** Starts a process that outlives its parent, in a group of its own, and holds its output open. */
const CHILD = `require('node:child_process')
  .spawn('sleep', ['60'], { detached: true, stdio: 'inherit' }).unref()`

const left = (name: string) => leftovers('WORKSIGHT_TEST_PART', `${process.pid}-${name}`)

test.group('A part of the suite', () => {
  test('has the totals that its runner printed', async ({ assert }) => {
    const printed: string[] = []

    const result = await runPart(
      part('good', TOTALS),
      process.cwd(),
      new AbortController().signal,
      (text) => printed.push(text)
    )

    assert.containsSubset(result, { name: 'good', passed: 3, failed: 0 })
    assert.equal(printed.join(''), 'Tests  3 passed (3)\n')
  })

  test('has failed when it ended with an error after its totals', async ({ assert }) => {
    const script = `${TOTALS}; process.exitCode = 1`

    const result = await runPart(
      part('broken', script),
      process.cwd(),
      new AbortController().signal,
      () => {}
    )

    assert.containsSubset(result, { passed: 3, failed: 1 })
  })

  test('is ended when its time is up, with what it started, and says so', async ({ assert }) => {
    const printed: string[] = []

    const result = await runPart(
      part('hanging', `${CHILD}; setInterval(() => {}, 1000)`, 2),
      process.cwd(),
      new AbortController().signal,
      (text) => printed.push(text)
    )

    assert.containsSubset(result, { passed: 0, failed: 1 })
    assert.match(printed.join(''), /hanging: not done after .* minutes, ended/)
    assert.deepEqual(left('hanging'), [])
  })

  test('is ended at once when the run is stopped', async ({ assert }) => {
    const stop = new AbortController()

    const result = await runPart(
      part('stopped', `${CHILD}; console.log('runs'); setInterval(() => {}, 1000)`),
      process.cwd(),
      stop.signal,
      () => stop.abort('SIGINT')
    )

    assert.containsSubset(result, { passed: 0, failed: 1 })
    assert.isBelow(result.seconds, 20)
    assert.deepEqual(left('stopped'), [])
  })

  test('leaves no process behind when it ends well', async ({ assert }) => {
    const result = await runPart(
      part('untidy', `${CHILD}; ${TOTALS}`),
      process.cwd(),
      new AbortController().signal,
      () => {}
    )

    assert.containsSubset(result, { passed: 3, failed: 0 })
    assert.isBelow(result.seconds, 20)
    assert.deepEqual(left('untidy'), [])
  })
})
