/** Aborts at the first SIGINT or SIGTERM; its reason is the signal's name. */
export function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController()
  const end = (name: NodeJS.Signals) => interrupted.abort(name)
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  return interrupted.signal
}
