import { test } from '@japa/runner'
import { WindowsDesktop, type WindowsCalls } from './windows_desktop.ts'

const CALLS: WindowsCalls = {
  lastInputTick: () => 1000,
  tick: () => 4500,
  foreground: () => ({
    title: 'Ledger - Notepad',
    pid: 42,
    path: 'C:\\Program Files\\Notepad\\notepad.EXE',
  }),
  isInputHere: () => true,
}

const look = (calls: Partial<WindowsCalls> = {}) =>
  new WindowsDesktop({ ...CALLS, ...calls }).look(AbortSignal.timeout(1000))

test.group('WindowsDesktop', () => {
  test('names the program by its file, and counts from the last input', async ({ assert }) => {
    assert.deepEqual(await look(), {
      window: { app: 'notepad', title: 'Ledger - Notepad', pid: 42 },
      idleMs: 3500,
      isLocked: false,
      withheld: null,
    })
  })

  test('counts on when the 32 bits of the tick begin anew', async ({ assert }) => {
    const { idleMs } = await look({ lastInputTick: () => 0xffff_fc18, tick: () => 500 })

    assert.equal(idleMs, 1500)
  })

  test('a session whose input goes elsewhere is locked', async ({ assert }) => {
    assert.isTrue((await look({ isInputHere: () => false })).isLocked)
  })

  test('what Windows does not tell is null', async ({ assert }) => {
    const nameless = await look({ foreground: () => ({ title: '', pid: 4, path: null }) })
    const empty = await look({ foreground: () => null, lastInputTick: () => null })

    assert.deepEqual(nameless.window, { app: null, title: null, pid: 4 })
    assert.isNull(empty.window)
    assert.isNull(empty.idleMs)
  })
})
