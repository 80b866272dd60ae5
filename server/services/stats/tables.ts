import { cells } from '#services/csv'
import { byValue, coverage, type Figures, type Trends } from '#services/stats/trends'

/** Figures as the API says them; those of a group that is too small are not said. */
export function figuresJson(figures: Figures | null) {
  return figures
    ? { suppressed: false as const, ...figures, coverage: coverage(figures) }
    : { suppressed: true as const }
}

/** Figures by the day or week with the totals of the period before, as the API says them. */
export function trendsJson(found: Trends) {
  const full = (figures: Figures | null) =>
    figures
      ? { ...figuresJson(figures), values_ms: byValue(figures, found.categories) }
      : figuresJson(null)
  return {
    from: found.from,
    to: found.to,
    by: found.by,
    data: found.buckets.map(({ from, to, figures }) => ({ from, to, ...full(figures) })),
    total: full(found.total),
    before: { from: found.before.from, to: found.before.to, ...full(found.before.total) },
    categories: found.categories.map(({ parentId, ...one }) => ({ ...one, parent_id: parentId })),
  }
}

/** The same as rows of a table, the first of them its head; times in seconds. */
export function trendsTable(found: Trends): string[][] {
  const names = found.categories.map(({ name }) => `${name} (s)`)
  return [
    cells(
      'from',
      'to',
      'people',
      'active (s)',
      'idle (s)',
      'paused (s)',
      'coverage',
      'uncategorised (s)',
      ...names
    ),
    ...found.buckets.map(({ from, to, figures }) =>
      figures
        ? cells(from, to, figures.people, ...secondsOf(figures, found))
        : cells(from, to, 'fewer than five')
    ),
  ]
}

const seconds = (ms: number | undefined) => Math.round((ms ?? 0) / 1000)

function secondsOf(figures: Figures, { categories }: Trends): (number | null)[] {
  const part = coverage(figures)
  return [
    seconds(figures.active_ms),
    seconds(figures.idle_ms),
    seconds(figures.paused_ms),
    part === null ? null : Math.round(part * 1000) / 1000,
    seconds(figures.categories[0]),
    ...categories.map(({ id }) => seconds(figures.categories[id])),
  ]
}
