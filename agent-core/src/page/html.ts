/** Markup that is safe to send. Only `html` makes it. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

type Part = Html | string | number | null | readonly Part[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Markup with values in it: every value is escaped but markup itself; a list is joined, null is nothing. */
export function html(pieces: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(
    pieces.reduce((text, piece, at) => text + rendered(values[at - 1] ?? null) + piece)
  )
}

function rendered(value: Part): string {
  if (value === null) {
    return ''
  }
  if (value instanceof Html) {
    return value.text
  }
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
  }
  return value.map(rendered).join('')
}
