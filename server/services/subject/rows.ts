import type { PersonalTable } from '#services/subject/tables'
import type { Day } from '#services/timeline/calendar'
import type { Span } from '#services/timeline/spans'
import db from '@adonisjs/lucid/services/db'
import type { QueryClientContract } from '@adonisjs/lucid/types/database'
import type { DatabaseQueryBuilderContract } from '@adonisjs/lucid/types/querybuilder'

/** Rows that are read at once. */
const CHUNK = 500

export type PersonRow = Readonly<Record<string, unknown>>

/** Days of a person, both included, and the instants from the first one's beginning to the last one's end. */
export type ExportPeriod = {
  readonly from: Day
  readonly to: Day
  readonly span: Span
}

/** The computers of a person, also revoked ones. */
export async function agentsOf(personId: number): Promise<number[]> {
  const rows: { id: number }[] = await db.from('agents').where('person_id', personId).select('id')
  return rows.map(({ id }) => Number(id))
}

/** The rows of one table that are about a person. */
export function rowsOf(
  { table, by }: Pick<PersonalTable, 'table' | 'by'>,
  { personId, agentIds }: { readonly personId: number; readonly agentIds: readonly number[] },
  client: QueryClientContract = db.connection()
) {
  const query = client.from(table)
  return by === 'agent' ? query.whereIn('agent_id', [...agentIds]) : query.where(by, personId)
}

/**
 * Reads them in order, a few hundred at a time: a person may have millions. With a period, those that
 * began in it, and of a table without a time all of them.
 */
export async function* readRows(
  from: PersonalTable,
  person: { readonly personId: number; readonly agentIds: readonly number[] },
  period: ExportPeriod | null = null
): AsyncGenerator<PersonRow> {
  const rows = (of: typeof person) => within(rowsOf(from, of), from, period)
  if (from.isSmall) {
    yield* (await rows(person).select('*')) as PersonRow[]
    return
  }
  if (from.by !== 'agent') {
    yield* inOrder((last) => rows(person).where('id', '>', last), 'id')
    return
  }
  for (const agentId of person.agentIds) {
    const owner = { ...person, agentIds: [agentId] }
    yield* inOrder((last) => rows(owner).where('seq', '>', last), 'seq')
  }
}

function within(
  query: DatabaseQueryBuilderContract<PersonRow>,
  { when }: PersonalTable,
  period: ExportPeriod | null
) {
  if (!when || !period) {
    return query
  }
  const [column, unit] = when
  const { from, to, span } = period
  return unit === 'day'
    ? query.whereBetween(column, [from, to])
    : query.where(column, '>=', span.from).where(column, '<', span.until)
}

async function* inOrder(
  after: (last: number) => DatabaseQueryBuilderContract<PersonRow>,
  column: string
): AsyncGenerator<PersonRow> {
  for (let last = 0; ; ) {
    const rows: PersonRow[] = await after(last).select('*').orderBy(column).limit(CHUNK)
    yield* rows
    if (rows.length < CHUNK) {
      return
    }
    last = Number(rows.at(-1)?.[column])
  }
}
