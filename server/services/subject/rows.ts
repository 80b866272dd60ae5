import type { PersonalTable } from '#services/subject/tables'
import db from '@adonisjs/lucid/services/db'
import type { QueryClientContract } from '@adonisjs/lucid/types/database'
import type { DatabaseQueryBuilderContract } from '@adonisjs/lucid/types/querybuilder'

/** Rows that are read at once. */
const CHUNK = 500

export type PersonRow = Readonly<Record<string, unknown>>

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

/** Reads them in order, a few hundred at a time: a person may have millions. */
export async function* readRows(
  from: PersonalTable,
  person: { readonly personId: number; readonly agentIds: readonly number[] }
): AsyncGenerator<PersonRow> {
  if (from.isSmall) {
    yield* (await rowsOf(from, person).select('*')) as PersonRow[]
    return
  }
  if (from.by !== 'agent') {
    yield* inOrder((last) => rowsOf(from, person).where('id', '>', last), 'id')
    return
  }
  for (const agentId of person.agentIds) {
    const owner = { ...person, agentIds: [agentId] }
    yield* inOrder((last) => rowsOf(from, owner).where('seq', '>', last), 'seq')
  }
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
