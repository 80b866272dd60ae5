/** A span of time: milliseconds since 1970, `until` is exclusive. */
export type Span = { readonly from: number; readonly until: number }

/** The same time as the fewest spans, in order, that neither touch nor overlap; empty ones are gone. */
export function union(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(({ from, until }) => until > from).sort((a, b) => a.from - b.from)
  const joined: { from: number; until: number }[] = []
  for (const { from, until } of sorted) {
    const last = joined.at(-1)
    if (last && from <= last.until) {
      last.until = Math.max(last.until, until)
    } else {
      joined.push({ from, until })
    }
  }
  return joined
}

/** The time of `spans` that is in none of `others`. */
export function subtract(spans: readonly Span[], others: readonly Span[]): Span[] {
  const holes = union(others)
  const left: Span[] = []
  let next = 0
  for (const span of union(spans)) {
    let { from } = span
    while (next < holes.length && (holes[next] as Span).until <= from) {
      next += 1
    }
    for (let at = next; at < holes.length && (holes[at] as Span).from < span.until; at += 1) {
      const hole = holes[at] as Span
      if (hole.from > from) {
        left.push({ from, until: hole.from })
      }
      from = Math.max(from, hole.until)
    }
    if (from < span.until) {
      left.push({ from, until: span.until })
    }
  }
  return left
}

/** The time that is in both. */
export function intersect(spans: readonly Span[], others: readonly Span[]): Span[] {
  const [one, two] = [union(spans), union(others)]
  const both: Span[] = []
  let left = 0
  let right = 0
  while (left < one.length && right < two.length) {
    const [a, b] = [one[left] as Span, two[right] as Span]
    const from = Math.max(a.from, b.from)
    const until = Math.min(a.until, b.until)
    if (from < until) {
      both.push({ from, until })
    }
    if (a.until < b.until) {
      left += 1
    } else {
      right += 1
    }
  }
  return both
}

/** Milliseconds in `spans`, time that lies in several counted once. */
export function total(spans: readonly Span[]): number {
  return union(spans).reduce((sum, { from, until }) => sum + until - from, 0)
}

/** The part of each that lies in `window`, with everything else that it carries; others are gone. */
export function clip<Item extends Span>(items: readonly Item[], window: Span): Item[] {
  return items.flatMap((item) => {
    const from = Math.max(item.from, window.from)
    const until = Math.min(item.until, window.until)
    return from < until ? [{ ...item, from, until }] : []
  })
}
