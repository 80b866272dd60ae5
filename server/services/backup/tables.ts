import { connectionOf, isSqlite } from '#services/observation_statements'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import type { Database as Sqlite } from 'better-sqlite3'
import type { Connection as Mysql } from 'mysql2'

/** A value as both engines keep it: JSON as its text, instants of Lucid as `yyyy-MM-dd HH:mm:ss`. */
export type Cell = string | number | null

/** Who is signed in, or remembered by a browser. */
export const SIGNED_IN = ['sessions', 'remember_me_tokens'] as const

/**
 * Tables of the migrations themselves, of who is signed in, and of jobs, which a server that starts
 * plans anew: a backup has no use for them.
 */
const LEFT_OUT = /^(adonis_schema.*|sessions|remember_me_tokens|rate_limits|queue_.*|sqlite_.*)$/

/** Rows of one INSERT. */
const ROWS_PER_STATEMENT = 500

/** Field types of MySQL that the driver gives as whole numbers. */
const WHOLE = new Set(['TINY', 'SHORT', 'LONG', 'INT24', 'LONGLONG', 'YEAR'])

/** Those whose text is a number, which the driver reads off by the last bit now and then. */
const FRACTIONS = new Set(['FLOAT', 'DOUBLE'])

/** The tables that a backup holds, by name. */
export async function tablesOf(trx: TransactionClientContract): Promise<string[]> {
  const found = await select<{ name: string }>(
    trx,
    isSqlite(trx)
      ? "select name from sqlite_master where type = 'table'"
      : `select table_name as name from information_schema.tables
          where table_schema = database() and table_type = 'BASE TABLE'`
  )
  return found
    .map(({ name }) => name)
    .filter((name) => !LEFT_OUT.test(name))
    .sort()
}

/** Columns of a table in their order, and those of its primary key. */
export async function columnsOf(trx: TransactionClientContract, table: string) {
  const sql = isSqlite(trx)
    ? 'select name, pk as place from pragma_table_info(?) order by cid'
    : `select c.column_name as name, coalesce(k.seq_in_index, 0) as place
         from information_schema.columns c
         left join information_schema.statistics k
           on k.table_schema = c.table_schema and k.table_name = c.table_name
          and k.column_name = c.column_name and k.index_name = 'PRIMARY'
        where c.table_schema = database() and c.table_name = ?
        order by c.ordinal_position`
  const found = await select<{ name: string; place: number }>(trx, sql, [table])
  return {
    names: found.map(({ name }) => name),
    key: found
      .filter(({ place }) => place > 0)
      .sort((a, b) => a.place - b.place)
      .map(({ name }) => name),
  }
}

/** All rows of a table in the order of its key, one at a time from the database's own cursor. */
export async function* rowsOf(
  trx: TransactionClientContract,
  table: string,
  columns: { readonly names: readonly string[]; readonly key: readonly string[] }
): AsyncGenerator<Cell[]> {
  const order = columns.key.length > 0 ? columns.key : columns.names
  const sql = `select ${quoted(columns.names)} from ${quoted([table])} order by ${quoted(order)}`
  if (isSqlite(trx)) {
    const connection = await connectionOf<Sqlite>(trx)
    yield* connection.prepare(sql).raw().iterate() as Iterable<Cell[]>
    return
  }
  const connection = await connectionOf<Mysql>(trx)
  const rows = connection
    .query({
      sql,
      rowsAsArray: true,
      typeCast: (field, next) => {
        if (WHOLE.has(field.type)) {
          return next()
        }
        const text = field.string()
        return text !== null && FRACTIONS.has(field.type) ? Number(text) : text
      },
    })
    .stream({ highWaterMark: 1000 })
  yield* rows as AsyncIterable<Cell[]>
}

/** Adds rows to a table. */
export async function insertInto(
  trx: TransactionClientContract,
  table: string,
  columns: readonly string[],
  rows: readonly Cell[][]
) {
  const into = `insert into ${quoted([table])} (${quoted(columns)}) values`
  const one = `(${columns.map(() => '?').join(',')})`
  if (isSqlite(trx)) {
    const connection = await connectionOf<Sqlite>(trx)
    const statement = connection.prepare(`${into} ${one}`)
    rows.forEach((row) => statement.run(row))
    return
  }
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    const some = rows.slice(from, from + ROWS_PER_STATEMENT)
    await trx.rawQuery(`${into} ${some.map(() => one).join(',')}`, some.flat() as string[])
  }
}

/**
 * The number that the next row of each table gets, where the table counts. An id that was given
 * once, and whose row is gone, must not come back for something else.
 */
export async function countersOf(trx: TransactionClientContract): Promise<Record<string, number>> {
  const found = await select<{ name: string; next: number }>(
    trx,
    isSqlite(trx)
      ? 'select name, seq + 1 as next from sqlite_sequence'
      : `select table_name as name, auto_increment as next from information_schema.tables
          where table_schema = database() and auto_increment is not null`
  )
  return Object.fromEntries(
    found.filter(({ name }) => !LEFT_OUT.test(name)).map(({ name, next }) => [name, next])
  )
}

/** Sets such a number, where the table counts. On MySQL this ends a transaction: do it after one. */
export async function setCounter(client: TransactionClientContract, table: string, next: number) {
  if (!isSqlite(client)) {
    await client.rawQuery(`alter table ${quoted([table])} auto_increment = ${Math.trunc(next)}`)
    return
  }
  await client.rawQuery('delete from sqlite_sequence where name = ?', [table])
  await client.rawQuery('insert into sqlite_sequence (name, seq) values (?, ?)', [table, next - 1])
}

/** Rows of a small query, alike on both engines. */
async function select<Row>(
  trx: TransactionClientContract,
  sql: string,
  values: string[] = []
): Promise<Row[]> {
  const answer = await trx.rawQuery(sql, values)
  return isSqlite(trx) ? answer : answer[0]
}

export function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name.replaceAll('`', '')}\``).join(', ')
}
