import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@japa/runner'
import { MachineInformation } from './system_information.ts'

test.group('MachineInformation', () => {
  test('tells what this machine is', async ({ assert }) => {
    const system = await new MachineInformation().read()

    assert.equal(system.os.platform, process.platform)
    assert.equal(system.os.arch, process.arch)
    assert.isNotEmpty(system.os.name)
    assert.equal(system.host, hostname())
    assert.isAtLeast(system.cpu.cores, 1)
    assert.isAbove(system.memory.total_bytes, system.memory.used_bytes)
    assert.isAbove(system.disk?.total_bytes ?? 0, system.disk?.free_bytes ?? 0)
    assert.isAbove(system.uptime_seconds, 0)
    assert.deepEqual(system.displays, [])
  })

  test('tells the load since it was last asked, in percent', async ({ assert }) => {
    const information = new MachineInformation()
    await information.read()

    for (const until = performance.now() + 60; performance.now() < until; );
    const { load_percent: busy } = (await information.read()).cpu

    assert.isAbove(busy ?? 0, 0)
    assert.isAtMost(busy ?? 0, 100)
  })

  test('costs next to nothing from the second time on', async ({ assert }) => {
    const information = new MachineInformation()
    await information.read()
    await sleep(5)

    const before = process.cpuUsage()
    for (let time = 0; time < 20; time++) {
      await information.read()
    }
    const { user, system } = process.cpuUsage(before)

    assert.isBelow((user + system) / 1000 / 20, 10)
  })
})
