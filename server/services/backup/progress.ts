/** Says how far a backup or a restore is: what, and how many of it. */
export type Progress = (what: string, count: number) => void

/** For the person who waits at a terminal, and for nobody else. */
export const onTerminal: Progress = (what, count) => {
  if (process.stderr.isTTY) {
    process.stderr.write(`  ${what.padEnd(26)}${count}\n`)
  }
}
