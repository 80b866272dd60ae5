/** One figure beside its peer's, from the same run. `ratio` is `value / peerValue`. */
export type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly peer: string
  readonly peerValue: number
  readonly ratio: number
  readonly goal: string
  readonly pass: boolean
}

/** A goal: the ratio to the peer must be at least, or at most, this. */
export type Goal = { readonly least: number } | { readonly most: number }

/** Compares a value with its peer's. */
export function figure(
  name: string,
  unit: string,
  value: number,
  peer: string,
  peerValue: number,
  goal: Goal
): Figure {
  const ratio = value / peerValue
  return {
    name,
    value,
    unit,
    peer,
    peerValue,
    ratio,
    goal: 'least' in goal ? `≥ ${goal.least} ×` : `≤ ${goal.most} ×`,
    pass: 'least' in goal ? ratio >= goal.least : ratio <= goal.most,
  }
}

/** A value that has a limit of its own and no peer. */
export function limit(name: string, unit: string, value: number, most: number): Figure {
  const pass = value <= most
  return {
    name,
    value,
    unit,
    peer: 'limit',
    peerValue: most,
    ratio: value / most,
    goal: `≤ ${most} ${unit}`,
    pass,
  }
}

/** A value that has to be at least so much and has no peer. */
export function least(name: string, unit: string, value: number, fewest: number): Figure {
  return {
    name,
    value,
    unit,
    peer: 'limit',
    peerValue: fewest,
    ratio: value / fewest,
    goal: `≥ ${fewest} ${unit}`,
    pass: value >= fewest,
  }
}

/** Prints figures, as JSON or as a table; the exit code is 1 when a goal is missed. */
export function report(figures: readonly Figure[], asJson: boolean) {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  } else {
    const rows = figures.map((each) => [
      each.name,
      `${short(each.value)} ${each.unit}`,
      `${each.peer}: ${short(each.peerValue)}`,
      each.ratio.toFixed(2),
      each.goal,
      each.pass ? 'reached' : 'missed',
    ])
    const head = ['figure', 'ours', 'peer', 'ratio', 'goal', '']
    const widths = head.map((name, column) =>
      Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0))
    )
    for (const row of [head, ...rows]) {
      process.stdout.write(
        `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`
      )
    }
  }
  process.exitCode = figures.every(({ pass }) => pass) ? 0 : 1
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** The value that this share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
