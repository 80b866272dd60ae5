/**
 * Every table that says something about a person: by which column it is theirs, whether it is in the
 * export, and what an erasure does. A table with such a column that stands nowhere here fails a test.
 */
export type PersonalTable = {
  readonly table: string
  /** `agent`: rows of the person's computers; else the column that holds the person. */
  readonly by: 'agent' | string
  readonly isExported: boolean
  /** Its rows are few and have no number of their own: they are read at once. */
  readonly isSmall?: boolean
  /** The column that says when a row was, and in what; a table without one is exported as a whole. */
  readonly when?: readonly [column: string, unit: 'instant' | 'day']
  /** Removed by an erasure, by number, with its files or at once, counted anew, given up, or kept, and why. */
  readonly erasure:
    | 'removed'
    | 'removed with files'
    | 'recounted'
    | 'removed at once'
    | 'given up'
    | { readonly keptBecause: string }
}

const observed = (table: string): PersonalTable => ({
  table,
  by: 'agent',
  isExported: true,
  when: ['captured_at', 'instant'],
  erasure: 'removed',
})

const counted =
  (by: string, isExported: boolean, when: NonNullable<PersonalTable['when']>) => (table: string) =>
    ({ table, by, isExported, isSmall: true, when, erasure: 'recounted' }) as const

const ACCOUNTABILITY = 'proof that the law was kept (accountability)'

export const PERSONAL_TABLES: readonly PersonalTable[] = [
  ...[
    'heartbeats',
    'activities',
    'screenshots',
    'unchanged_screens',
    'recordings',
    'gaps',
    'evictions',
  ].map(observed),
  ...['rollup_hours', 'rollup_hour_categories'].map(counted('agent', true, ['hour', 'instant'])),
  ...['rollup_days', 'rollup_day_categories', 'work_sessions'].map(
    counted('person_id', true, ['day', 'day'])
  ),
  ...['dirty_hours'].map(counted('agent', false, ['hour', 'instant'])),
  ...['dirty_days'].map(counted('person_id', false, ['day', 'day'])),
  { table: 'uploads', by: 'agent', isExported: false, isSmall: true, erasure: 'given up' },
  observed('deletions'),
  {
    table: 'users',
    by: 'id',
    isExported: true,
    erasure: { keptBecause: 'the account goes on working' },
  },
  {
    table: 'former_zones',
    by: 'user_id',
    isExported: true,
    isSmall: true,
    erasure: { keptBecause: 'the account goes on working' },
  },
  {
    table: 'agents',
    by: 'person_id',
    isExported: true,
    erasure: { keptBecause: 'the computer goes on working' },
  },
  {
    table: 'acknowledgements',
    by: 'person_id',
    isExported: true,
    when: ['acknowledged_at', 'instant'],
    erasure: { keptBecause: ACCOUNTABILITY },
  },
  {
    table: 'audit_log',
    by: 'person_id',
    isExported: true,
    when: ['at', 'instant'],
    erasure: { keptBecause: ACCOUNTABILITY },
  },
  {
    table: 'purposes',
    by: 'person_id',
    isExported: true,
    when: ['given_at', 'instant'],
    erasure: { keptBecause: ACCOUNTABILITY },
  },
  {
    table: 'retention_holds',
    by: 'person_id',
    isExported: true,
    erasure: { keptBecause: ACCOUNTABILITY },
  },
  {
    table: 'exports',
    by: 'person_id',
    isExported: true,
    when: ['asked_at', 'instant'],
    isSmall: true,
    erasure: 'removed with files',
  },
  {
    table: 'day_notes',
    by: 'person_id',
    isExported: true,
    when: ['day', 'day'],
    erasure: 'removed at once',
  },
  {
    table: 'subject_requests',
    by: 'person_id',
    isExported: true,
    when: ['asked_at', 'instant'],
    erasure: { keptBecause: ACCOUNTABILITY },
  },
]

/** Columns that would show what must stay secret. */
export const SECRET_COLUMNS = /^hash$|password|secret|token|recovery|abilities/

/** Files of these tables, by the column of their key. */
export const MEDIA_TABLES = ['screenshots', 'recordings'] as const
