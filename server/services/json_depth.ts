/** Objects and lists within each other that a message may have; a batch of heartbeats has six. */
export const MOST_DEPTH = 8

/** Whether every text in a message is made of whole characters. Of what is no deeper than it may be. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') {
    return value.isWellFormed()
  }
  return typeof value !== 'object' || value === null || Object.values(value).every(isWellFormed)
}

/** Whether objects and lists are nested in each other more than `most` times. Looks no deeper. */
export function isDeeperThan(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false
  }
  return most === 0 || Object.values(value).some((inner) => isDeeperThan(inner, most - 1))
}
