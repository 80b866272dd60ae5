import { createConnection, type Connection, type ConnectionOptions } from 'mysql2'

/** How long a statement is without an answer until the server is asked whether it answers at all, in milliseconds. */
const PATIENCE_MS = 1000

/** How long it is then until it is asked again: it answered, so the statement is only slow. */
const SLOW_MS = 5000

/** Longest that a server takes to let a new connection in, in milliseconds. */
const GREETING_MS = 3000

let asking: Promise<boolean> | null = null

/**
 * Ends a connection whose statement a server never answers: one that is stopped, or a network that
 * swallows. A statement may take as long as it takes while the server lets a new connection in; when it
 * lets none in, everything that waits on this connection fails with ETIMEDOUT, and the pool makes another.
 */
export function endWhenSilent(connection: Connection, settings: ConnectionOptions): void {
  const send = connection.query.bind(connection) as (...args: unknown[]) => unknown
  connection.query = ((...args: unknown[]) => {
    const command = send(...args) as NodeJS.EventEmitter
    let isOver = false
    let timer = setTimeout(look, PATIENCE_MS).unref()
    command.once('end', () => {
      isOver = true
      clearTimeout(timer)
    })
    async function look() {
      const isThere = (asking ??= greets(settings).finally(() => (asking = null)))
      if (!(await isThere)) {
        // what arrived while this process was busy is read first
        await new Promise((resolve) => setImmediate(resolve))
        if (!isOver) {
          streamOf(connection).destroy(silence())
        }
      } else if (!isOver && !streamOf(connection).destroyed) {
        timer = setTimeout(look, SLOW_MS).unref()
      }
    }
    return command
  }) as Connection['query']
}

/** Whether an error is that of a server which is not there, or says nothing: it is nobody's statement. */
export function isSilence(error: unknown): boolean {
  const { code, name } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  return code === 'ETIMEDOUT' || name === 'KnexTimeoutError'
}

/** Whether a server lets a new connection in, or says why it does not. */
function greets(settings: ConnectionOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection({ ...settings, connectTimeout: GREETING_MS })
    const end = (isThere: boolean) => {
      connection.destroy()
      resolve(isThere)
    }
    connection.once('connect', () => end(true))
    connection.on('error', (error: { sqlState?: string }) => end(error.sqlState !== undefined))
  })
}

function silence(): Error {
  return Object.assign(new Error('E_DATABASE_SILENT: the database server does not answer'), {
    code: 'ETIMEDOUT',
  })
}

/** The socket, which the driver's types do not name. */
function streamOf(connection: Connection) {
  return (
    connection as unknown as {
      stream: NodeJS.WritableStream & {
        destroyed: boolean
        destroy: (error: Error) => void
      }
    }
  ).stream
}
