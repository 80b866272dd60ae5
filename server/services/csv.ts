/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r\n]/

/** Cells of one row; a cell that begins like a formula gets an apostrophe, so that it is read as text. */
export function cells(...values: readonly (string | number | null)[]): string[] {
  return values.map((value) => {
    const text = value === null ? '' : String(value)
    return typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text
  })
}

/** Rows as RFC 4180 has them, every cell in quotes. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows
    .map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`)
    .join('')
}
