/**
 * A JSON value as YAML 1.2: mappings and lists in block style, every string in double quotes as JSON
 * writes them, so that no text is taken for a number, a date or a boolean.
 */
export function toYaml(value: unknown, indent = ''): string {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item) => `${indent}- ${inline(item, `${indent}  `)}`).join('')
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => `${indent}${JSON.stringify(key)}:${beside(inner, indent)}`)
      .join('')
  }
  return `${indent}${JSON.stringify(value)}\n`
}

function isBlock(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function beside(value: unknown, indent: string): string {
  return isBlock(value) ? `\n${toYaml(value, `${indent}  `)}` : ` ${JSON.stringify(value)}\n`
}

/** An item of a list: its first line stands beside the dash. */
function inline(value: unknown, indent: string): string {
  return isBlock(value) ? toYaml(value, indent).slice(indent.length) : `${JSON.stringify(value)}\n`
}
