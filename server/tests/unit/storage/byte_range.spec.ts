import { readRange } from '#services/storage/byte_range'
import { test } from '@japa/runner'

test.group('The Range header, of a file of 100 bytes', () => {
  for (const [header, expected] of [
    [null, 'whole'],
    ['bytes=0-9', { start: 0, end: 9 }],
    ['bytes=90-', { start: 90, end: 99 }],
    ['bytes=-5', { start: 95, end: 99 }],
    ['bytes=-500', { start: 0, end: 99 }],
    ['bytes=50-500', { start: 50, end: 99 }],
    ['bytes=99-99', { start: 99, end: 99 }],
    ['bytes=100-', 'beyond'],
    ['bytes=100-200', 'beyond'],
    ['bytes=-0', 'beyond'],
    ['bytes=9-0', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['bytes=-', 'whole'],
    ['lines=0-9', 'whole'],
    ['bytes=x-9', 'whole'],
  ] as const) {
    test(`${header} is ${JSON.stringify(expected)}`, ({ assert }) => {
      assert.deepEqual(readRange(header, 100), expected)
    })
  }
})
