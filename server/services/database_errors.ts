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

const MISSING_PARENT = new Set(['ER_NO_REFERENCED_ROW_2', 'SQLITE_CONSTRAINT_FOREIGNKEY'])

/** Whether a row could not be stored because what it belongs to is gone. */
export function isMissingParent(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string }
  return MISSING_PARENT.has(code)
}
