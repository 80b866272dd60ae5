import { OBSERVATION_TABLES } from '#services/observation_rows'
import db from '@adonisjs/lucid/services/db'

/** Sequence numbers that should be here and are not: both ends included. */
export type MissingRange = { readonly from: number; readonly to: number }

/** Ranges that one report names at the most. */
const MOST_RANGES = 1000

/**
 * The holes in an agent's sequence numbers, from 1 to the highest one here. Every accepted
 * observation gets the next number, so a hole is something that has not arrived. What was deleted here,
 * what the agent says it gave up, and what was erased, is no hole.
 */
export async function missingRanges(agentId: number): Promise<MissingRange[]> {
  // a number that is there twice makes no hole either
  const numbers = [
    ...OBSERVATION_TABLES.map((table) => `select seq from ${table} where agent_id = :agentId`),
    'select evicted_seq as seq from evictions where agent_id = :agentId',
    'select erased_seq as seq from agents where id = :agentId and erased_seq is not null',
  ].join(' union all ')
  const result = await db.rawQuery(
    `select seq, previous from (
       select seq, coalesce(lag(seq) over (order by seq), 0) as previous from (${numbers}) numbers
     ) steps
     where seq > previous + 1
       and seq > coalesce((select erased_seq from agents where id = :agentId), 0)
     order by seq limit ${MOST_RANGES}`,
    { agentId }
  )
  const rows: { seq: number; previous: number }[] = Array.isArray(result[0]) ? result[0] : result
  return rows.map((row) => ({ from: Number(row.previous) + 1, to: Number(row.seq) - 1 }))
}
