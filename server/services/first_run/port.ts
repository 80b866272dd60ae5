import { EXIT } from '#services/exit'
import { StartFailure } from '#services/first_run/failure'
import { createServer } from 'node:net'

/** How many ports after the wanted one are tried. */
const TRIES = 10

/** Whether a server could listen there now. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/**
 * The port to serve on: `fixed` where one was asked for, else `wanted` or the next free one of ten.
 * Throws StartFailure with exit code 9.
 */
export async function choosePort(
  host: string,
  wanted: number,
  fixed: number | null
): Promise<number> {
  if (fixed !== null) {
    if (!(await isFree(host, fixed))) {
      throw new StartFailure(
        `Port ${fixed} is in use by another program. Stop it, or choose another: npm start -- --port ${fixed + 1}`,
        EXIT.portTaken
      )
    }
    return fixed
  }
  for (let port = wanted; port <= wanted + TRIES; port += 1) {
    if (await isFree(host, port)) {
      return port
    }
  }
  throw new StartFailure(
    `Ports ${wanted} to ${wanted + TRIES} are all in use. Choose a free one: npm start -- --port 8080`,
    EXIT.portTaken
  )
}
