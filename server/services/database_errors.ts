const UNIQUE = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'])

/** Whether a driver refused a row because its key is taken, on MySQL, MariaDB or SQLite. */
export function isUniqueViolation(error: unknown): boolean {
  return UNIQUE.has((error as { code?: string } | null)?.code ?? '')
}
