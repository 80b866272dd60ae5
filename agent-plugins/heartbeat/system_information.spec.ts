import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
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

  test('says what the kernel and df say', async ({ assert }) => {
    const { memory, cpu, disk, uptime_seconds: uptime, os } = await new MachineInformation().read()
    const meminfo = await readFile('/proc/meminfo', 'utf8')
    const kilobytes = (key: string) =>
      Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(meminfo)?.[1])
    const df = execFileSync('df', ['-k', '--output=size,avail', homedir()], { encoding: 'utf8' })
    const [size = 0, avail = 0] = (df.split('\n')[1] ?? '').trim().split(/ +/).map(Number)

    assert.equal(memory.total_bytes, kilobytes('MemTotal') * 1024)
    const usedShare = 1 - kilobytes('MemAvailable') / kilobytes('MemTotal')
    assert.closeTo(memory.used_bytes / memory.total_bytes, usedShare, 0.03)
    assert.equal(disk?.total_bytes, size * 1024)
    assert.closeTo((disk?.free_bytes ?? 0) / 1e9, (avail * 1024) / 1e9, 1)
    assert.closeTo(uptime, Number((await readFile('/proc/uptime', 'utf8')).split('.')[0]), 2)
    const processors = (await readFile('/proc/cpuinfo', 'utf8')).match(/^processor/gm)
    assert.equal(cpu.cores, processors?.length)
    assert.include(await readFile('/etc/os-release', 'utf8'), os.name)
  }).skip(process.platform !== 'linux', 'it asks Linux')

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
