const KEY_TAKEN = new Set([
  'ER_DUP_ENTRY',
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
])

/** InnoDB rolls one of two transactions back that wait for each other. */
const DEADLOCK = 'ER_LOCK_DEADLOCK'

/**
 * Whether a transaction failed because another one was there first, so that the same transaction,
 * run again, sees what that one wrote. On MySQL, MariaDB and SQLite.
 */
export function isLostRace(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string }
  return KEY_TAKEN.has(code) || code === DEADLOCK
}

/** How often a transaction that others got in the way of is run again, and the longest pause before it. */
const AGAIN = { times: 12, mostMs: 40 } as const

/** Runs a transaction, and again where it lost a race. Rejects with its error when it keeps losing. */
export async function untilWon<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let time = 1; ; time += 1) {
    try {
      return await transaction()
    } catch (error) {
      if (time === AGAIN.times || !isLostRace(error)) {
        throw error
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * AGAIN.mostMs))
    }
  }
}

const MISSING_PARENT = new Set(['ER_NO_REFERENCED_ROW_2', 'SQLITE_CONSTRAINT_FOREIGNKEY'])

/** Whether a row could not be stored because what it belongs to is gone. */
export function isMissingParent(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string }
  return MISSING_PARENT.has(code)
}

/** What a database driver says when it cannot be reached or written to, whichever one it is. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_LOCK_DEADLOCK',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
])

/** MariaDB's number for "read only". */
const READ_ONLY = 1290

/** Whether the database as a whole is not there to be used now, whatever is asked of it. */
export function isDatabaseAway(error: unknown): boolean {
  const { code = '', errno, name } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  return (
    AWAY.has(code) ||
    code.startsWith('SQLITE_IOERR') ||
    errno === READ_ONLY ||
    name === 'KnexTimeoutError'
  )
}

/** The command that mends a database without all of its tables. */
export const MIGRATE = 'node ace migration:run --force'

/** Whether a table or a column is not there: the migrations were not run, or not all of them. */
export function isTableMissing(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  const isSqlite = code === 'SQLITE_ERROR' && /no such (?:table|column)/.test(message)
  return isSqlite || code === 'ER_NO_SUCH_TABLE' || code === 'ER_BAD_FIELD_ERROR'
}
