import { test } from '@japa/runner'
import { MacosDesktop, type MacosCalls } from './macos_desktop.ts'

const CALLS: MacosCalls = {
  secondsSinceInput: () => 3.5,
  windows: () => [
    { owner: 'Window Server', pid: 1, title: 'Menubar', layer: 24 },
    { owner: 'Safari', pid: 42, title: 'Ledger', layer: 0 },
    { owner: 'Mail', pid: 43, title: 'Inbox', layer: 0 },
  ],
  isLocked: () => false,
  maySeeTitles: () => true,
}

const look = (calls: Partial<MacosCalls> = {}) =>
  new MacosDesktop({ ...CALLS, ...calls }).look(AbortSignal.timeout(1000))

test.group('MacosDesktop', () => {
  test('the first window of a program is in front, whatever hangs over it', async ({ assert }) => {
    assert.deepEqual(await look(), {
      window: { app: 'Safari', title: 'Ledger', pid: 42 },
      idleMs: 3500,
      isLocked: false,
      withheld: null,
    })
  })

  test('without the permission titles are withheld, and it says where to allow it', async ({
    assert,
  }) => {
    const { withheld } = await look({ maySeeTitles: () => false })

    assert.equal(withheld?.state, 'permission')
    assert.match(withheld?.reason ?? '', /System Settings/)
  })

  test('an answer that is none is no idle time: {$self}')
    .with([Number.NaN, -1, Number.POSITIVE_INFINITY])
    .run(async ({ assert }, seconds) => {
      assert.isNull((await look({ secondsSinceInput: () => seconds })).idleMs)
    })

  test('no window in front is null', async ({ assert }) => {
    assert.isNull((await look({ windows: () => [] })).window)
  })
})
