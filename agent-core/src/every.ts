/** How often something happens, as a notice says it: `every second`, `every 90 seconds`, `every 5 minutes`. */
export function every(seconds: number): string {
  const [count, one, many] =
    seconds % 60 === 0 ? [seconds / 60, 'minute', 'minutes'] : [seconds, 'second', 'seconds']
  return count === 1 ? `every ${one}` : `every ${count} ${many}`
}

/** The same in German. */
export function everyInGerman(seconds: number): string {
  const [count, one, many] =
    seconds % 60 === 0 ? [seconds / 60, 'Minute', 'Minuten'] : [seconds, 'Sekunde', 'Sekunden']
  return count === 1 ? `jede ${one}` : `alle ${count} ${many}`
}
