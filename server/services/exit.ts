/** Exit codes that every command shares; docs/commands.md explains them. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  notSetUp: 3,
  refused: 4,
  unreachable: 5,
  noCapture: 6,
  degraded: 7,
  invalidConfig: 8,
  portTaken: 9,
  diskFull: 10,
} as const
