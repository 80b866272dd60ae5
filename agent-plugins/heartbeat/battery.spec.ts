import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { Battery } from './battery.ts'

/** A folder as /sys/class/power_supply, with a file for every entry. */
async function powerSupplies(supplies: Record<string, Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'worksight-power-'))
  for (const [name, files] of Object.entries(supplies)) {
    await mkdir(join(folder, name))
    for (const [file, text] of Object.entries(files)) {
      await writeFile(join(folder, name, file), `${text}\n`)
    }
  }
  return folder
}

const MAINS = { type: 'Mains', online: '1' }
const MOUSE = { type: 'Battery', scope: 'Device', capacity: '50', status: 'Discharging' }

test.group('Battery on Linux', () => {
  test('reads {status} as charging: {charging}')
    .with([
      { status: 'Charging', charging: true },
      { status: 'Full', charging: true },
      { status: 'Discharging', charging: false },
      { status: 'Not charging', charging: false },
    ])
    .run(async ({ assert, cleanup }, { status, charging }) => {
      const battery = { type: 'Battery', capacity: '83', status }
      const folder = await powerSupplies({ AC: MAINS, BAT0: battery, hid: MOUSE })
      cleanup(() => rm(folder, { recursive: true }))

      assert.deepEqual(await new Battery(folder, 'linux').read(), { percent: 83, charging })
    })

  test('is null on a machine without one, whatever its mouse has', async ({ assert, cleanup }) => {
    const folder = await powerSupplies({ AC: MAINS, hid: MOUSE })
    cleanup(() => rm(folder, { recursive: true }))

    assert.isNull(await new Battery(folder, 'linux').read())
    assert.isNull(await new Battery(join(folder, 'nothing'), 'linux').read())
  })

  test('is null where the charge cannot be read', async ({ assert, cleanup }) => {
    const folder = await powerSupplies({ BAT0: { type: 'Battery', capacity: 'x', status: 'Full' } })
    cleanup(() => rm(folder, { recursive: true }))

    assert.isNull(await new Battery(folder, 'linux').read())
  })
})
