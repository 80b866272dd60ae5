import type { Contact, Row, Table } from '#services/observation_rows'
import { marksOf, type Mark } from '#services/rollups/dirty'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import type { Database as Sqlite, Statement as Prepared } from 'better-sqlite3'
import type { Connection as Mysql } from 'mysql2'

/*
| The statements of the hot path. They go to the driver itself: building and binding a statement of a
| thousand rows costs the query builder more than storing them costs the database.
*/

/** What is noted of an agent with every commit that holds something of it. */
export type AgentContact = {
  readonly id: number
  readonly last_seen_at: number
  readonly last_seq: number
  readonly contact: Contact | null
}

/** What one transaction stores: new rows by table, and the contacts of their agents. */
export type Fresh = {
  readonly rows: ReadonlyMap<Table, readonly Row['columns'][]>
  readonly contacts: readonly AgentContact[]
}

type Value = string | number | null

/** One statement for many rows of values: together on MySQL and MariaDB, one by one on SQLite. */
type Statement = {
  readonly many: (rows: readonly (readonly Value[])[]) => string
  readonly one: string
  readonly rows: readonly (readonly Value[])[]
}

/**
 * Stores what is new in a transaction of its own, with the marks of the hours it touches: one message
 * to MySQL or MariaDB and one answer, and no turn of the event loop on SQLite. Rejects with what the
 * driver throws; nothing is stored then.
 */
export async function storeAtOnce(fresh: Fresh): Promise<void> {
  const statements = statementsOf(fresh)
  if (statements.length === 0) {
    return
  }
  const isMysql = db.primaryConnectionName === 'mysql'
  const { client } = db.connection(isMysql ? 'mysql_ingest' : undefined).getWriteClient()
  const connection = await client.acquireConnection()
  try {
    if (isMysql) {
      await inOneMessage(connection, statements)
    } else {
      ;(connection as Sqlite).transaction(() => runEach(connection, statements)).immediate()
    }
  } finally {
    await client.releaseConnection(connection)
  }
}

/** The same within a transaction that has begun. */
export async function storeWithin(trx: TransactionClientContract, fresh: Fresh): Promise<void> {
  const statements = statementsOf(fresh)
  if (isSqlite(trx)) {
    runEach(await connectionOf<Sqlite>(trx), statements)
    return
  }
  const connection = await connectionOf<Mysql>(trx)
  for (const { many, rows } of statements) {
    await query(connection, many(rows))
  }
}

function statementsOf({ rows, contacts }: Fresh): readonly Statement[] {
  return [
    ...[...rows].map(([table, columns]) => insertion(table, columns)),
    marking(marksOf(inserted(rows))),
    contacting(contacts),
  ].filter((statement) => statement.rows.length > 0)
}

function* inserted(rows: Fresh['rows']) {
  for (const [table, all] of rows) {
    for (const columns of all) {
      yield { table, columns }
    }
  }
}

/** All rows of a table have the same columns. */
function insertion(table: Table, rows: readonly Row['columns'][]): Statement {
  const names = Object.keys(rows[0] ?? {})
  const into = `insert into ${table} (${names.map((name) => `\`${name}\``).join(',')}) values `
  return {
    many: (values) => into + values.map(tuple).join(','),
    one: `${into}(${names.map(() => '?').join(',')})`,
    rows: rows.map((row) => names.map((name) => plain(row[name]))),
  }
}

/** Hours to be counted again. */
function marking(marks: readonly Mark[]): Statement {
  return {
    many: (values) =>
      `insert ignore into dirty_hours (agent_id, hour) values ${values.map(tuple).join(',')}`,
    one: 'insert or ignore into dirty_hours (agent_id, hour) values (?,?)',
    rows: marks.map(({ agent_id: agentId, hour }) => [agentId, hour]),
  }
}

/** Notes the contact of many agents. What has nothing to say leaves the agent as it is. */
function contacting(contacts: readonly AgentContact[]): Statement {
  return {
    many: updateMany,
    one: UPDATE_ONE,
    rows: contacts.map(({ id, last_seen_at: seenAt, last_seq: seq, contact }) => [
      seenAt,
      seq,
      contact?.state ?? null,
      contact?.interval_seconds ?? null,
      contact?.agent_version ?? null,
      contact?.last_heartbeat_id ?? null,
      id,
    ]),
  }
}

const UPDATE_ONE = `
  update agents set
    last_seen_at = ?,
    last_seq = max(last_seq, ?),
    state = coalesce(?, state),
    interval_seconds = coalesce(?, interval_seconds),
    agent_version = coalesce(?, agent_version),
    last_heartbeat_id = coalesce(?, last_heartbeat_id)
  where id = ?`

/** One statement for many agents, their values in the order of `UPDATE_ONE`. */
function updateMany(rows: readonly (readonly Value[])[]): string {
  const names =
    'null as seen,0 as number,null as said,null as every_s,null as version,null as beat,0 as agent'
  const heard = rows.map((row) => `select ${row.map(literal).join(',')}`).join(' union all ')
  return `
    update agents join (select ${names} union all ${heard}) as heard on heard.agent = agents.id set
      last_seen_at = heard.seen,
      last_seq = greatest(agents.last_seq, heard.number),
      state = coalesce(heard.said, agents.state),
      interval_seconds = coalesce(heard.every_s, agents.interval_seconds),
      agent_version = coalesce(heard.version, agents.agent_version),
      last_heartbeat_id = coalesce(heard.beat, agents.last_heartbeat_id)`
}

const tuple = (row: readonly Value[]) => `(${row.map(literal).join(',')})`

const ESCAPED = /[\\'\0]/g
const escaped = (character: string) => (character === '\0' ? '\\0' : character + character)

/**
 * A value as MySQL and MariaDB read it. Quotes are doubled, so that no text ends its literal, whatever
 * the server's SQL mode says of backslashes.
 */
function literal(value: Value): string {
  return typeof value === 'string'
    ? `'${value.replace(ESCAPED, escaped)}'`
    : value === null
      ? 'null'
      : String(value)
}

const prepared = new WeakMap<Sqlite, Map<string, Prepared>>()

/** Runs one prepared statement for each row, on SQLite. */
function runEach(connection: Sqlite, statements: readonly Statement[]) {
  const known = prepared.get(connection) ?? new Map<string, Prepared>()
  prepared.set(connection, known)
  for (const { one, rows } of statements) {
    const statement = known.get(one) ?? connection.prepare(one)
    known.set(one, statement)
    for (const row of rows) {
      statement.run(row)
    }
  }
}

/** The server stops at the statement that fails, so that nothing of it is ever committed. */
async function inOneMessage(connection: Mysql, statements: readonly Statement[]) {
  const sql = statements.map(({ many, rows }) => many(rows)).join(';')
  try {
    await query(connection, `start transaction;${sql};commit`)
  } catch (error) {
    try {
      await query(connection, 'rollback')
    } catch {
      connection.destroy() // whoever cannot take it back is gone, and the transaction with it
    }
    throw error
  }
}

async function query(connection: Mysql, sql: string) {
  await new Promise<void>((resolve, reject) => {
    connection.query({ sql }, (error) => (error ? reject(error) : resolve()))
  })
}

/** As both drivers take it. */
function plain(value: unknown): Value {
  return typeof value === 'boolean' ? Number(value) : (value as Value)
}

/** The driver's connection of a transaction. */
export function connectionOf<Connection>(trx: TransactionClientContract): Promise<Connection> {
  const { client } = trx.knexClient as unknown as {
    client: { acquireConnection(): Promise<Connection> }
  }
  return client.acquireConnection()
}

export function isSqlite(trx: TransactionClientContract): boolean {
  return trx.dialect.name !== 'mysql'
}
