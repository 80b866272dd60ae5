import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'

test.group('A revoked agent, with real processes', (group) => {
  let world: World
  let code: string

  group.setup(async () => {
    world = await World.make()
    code = (await world.setUp()).enrolment_code
    await world.startServer()
    return () => world.end()
  })

  test('keeps what it has, and brings all of it when it is enrolled again', async ({ assert }) => {
    await world.enrol(code)
    world.startAgent()
    await until(() => world.observations().length > 1, 'two heartbeats are on the server')

    await world.run('agent:revoke', '1')
    await until(async () => (await world.agentStatus()).spool.queued > 1, 'two heartbeats wait')
    const before = world.observations().length
    await world.stopAgent()
    const { spool: kept } = await world.agentStatus()
    assert.equal(world.observations().length, before)
    assert.equal(kept.accepted, before + kept.queued)

    const again = await world.run<{ code: string }>('agent:invite')
    await world.enrol(again.code, '--yes')
    world.startAgent()

    await until(() => world.observations().length >= kept.accepted, 'what waited has come')
    const numbers = world.observations().map(({ seq }) => seq)
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, index) => index + 1)
    )
  }).timeout(120_000)
})
