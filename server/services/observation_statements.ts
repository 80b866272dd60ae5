import type { Contact, Row, Table } from '#services/observation_rows'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import type { Database as Sqlite, Statement } from 'better-sqlite3'
import type { Connection as Mysql } from 'mysql2'

/**
 * The statements of the hot path. They go to the driver itself, on the connection of the transaction:
 * building and binding a statement of a thousand rows costs the query builder more than storing them
 * costs the database.
 */

/** What is noted of an agent with every commit that holds something of it. */
export type AgentContact = {
  readonly id: number
  readonly last_seen_at: number
  readonly last_seq: number
  readonly contact: Contact | null
}

type Value = string | number | null

/** Inserts rows of one table. All of them have the same columns. */
export async function insertRows(
  trx: TransactionClientContract,
  table: Table,
  rows: readonly Row['columns'][]
) {
  const [first] = rows
  if (!first) {
    return
  }
  const names = Object.keys(first)
  const values = rows.map((row) => names.map((name) => plain(row[name])))
  const into = `insert into ${table} (${names.map((name) => `\`${name}\``).join(',')}) values`
  if (isSqlite(trx)) {
    await runEach(trx, `${into} (${names.map(() => '?').join(',')})`, values)
  } else {
    await query(trx, `${into} ?`, [values])
  }
}

/** Notes the contact of many agents. What has nothing to say leaves the agent as it is. */
export async function updateContacts(
  trx: TransactionClientContract,
  contacts: readonly AgentContact[]
) {
  const values = contacts.map(({ id, last_seen_at: seenAt, last_seq: seq, contact }) => [
    seenAt,
    seq,
    contact?.state ?? null,
    contact?.interval_seconds ?? null,
    contact?.agent_version ?? null,
    contact?.last_heartbeat_id ?? null,
    id,
  ])
  if (isSqlite(trx)) {
    await runEach(trx, UPDATE_ONE, values)
  } else {
    await query(trx, updateMany(values.length), values.flat())
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

/** One statement for `count` agents, their values in the order of `UPDATE_ONE`. */
function updateMany(count: number): string {
  const names = ['seen', 'number', 'said', 'every_s', 'version', 'beat', 'agent']
  const first = `select ${names.map((name) => `? as ${name}`).join(', ')}`
  const next = ` union all select ${names.map(() => '?').join(', ')}`
  return `
    update agents join (${first}${next.repeat(count - 1)}) as heard on heard.agent = agents.id set
      last_seen_at = heard.seen,
      last_seq = greatest(agents.last_seq, heard.number),
      state = coalesce(heard.said, agents.state),
      interval_seconds = coalesce(heard.every_s, agents.interval_seconds),
      agent_version = coalesce(heard.version, agents.agent_version),
      last_heartbeat_id = coalesce(heard.beat, agents.last_heartbeat_id)`
}

const prepared = new WeakMap<Sqlite, Map<string, Statement>>()

/** Runs one prepared statement for each row, on SQLite. */
async function runEach(
  trx: TransactionClientContract,
  sql: string,
  rows: readonly (readonly Value[])[]
) {
  const connection = await connectionOf<Sqlite>(trx)
  const statements = prepared.get(connection) ?? new Map<string, Statement>()
  prepared.set(connection, statements)
  const statement = statements.get(sql) ?? connection.prepare(sql)
  statements.set(sql, statement)
  for (const row of rows) {
    statement.run(row)
  }
}

/** Runs one statement on MySQL and MariaDB. */
async function query(trx: TransactionClientContract, sql: string, values: unknown[]) {
  const connection = await connectionOf<Mysql>(trx)
  await new Promise<void>((resolve, reject) => {
    connection.query({ sql, values }, (error) => (error ? reject(error) : resolve()))
  })
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

/** As both drivers take it. */
function plain(value: unknown): Value {
  return typeof value === 'boolean' ? Number(value) : (value as Value)
}
