import type { Contact, Row, Table } from '#services/observation_rows'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/** What is noted of an agent with every commit that holds something of it. */
export type AgentContact = {
  readonly id: number
  readonly last_seen_at: number
  readonly last_seq: number
  readonly contact: Contact | null
}

/** Inserts rows of one table with one statement. All of them have the same columns. */
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
  const one = `(${names.map(() => '?').join(',')})`
  const bindings = rows.flatMap((row) => names.map((name) => row[name] as never))
  await trx.rawQuery(
    `insert into ${table} (${names.map((name) => quote(trx, name)).join(',')}) values ${rows.map(() => one).join(',')}`,
    bindings
  )
}

/** Notes the contact of many agents with one statement. */
export async function updateContacts(
  trx: TransactionClientContract,
  contacts: readonly AgentContact[]
) {
  const bindings = contacts.flatMap(({ id, last_seen_at: seenAt, last_seq: seq, contact }) => [
    id,
    seenAt,
    seq,
    contact?.state ?? null,
    contact?.interval_seconds ?? null,
    contact?.agent_version ?? null,
    contact?.last_heartbeat_id ?? null,
  ])
  const first = `select ${CONTACT.map((name) => `? as ${name}`).join(', ')}`
  const next = ` union all select ${CONTACT.map(() => '?').join(', ')}`
  const source = `(${first}${next.repeat(contacts.length - 1)}) as heard`
  await trx.rawQuery(
    isSqlite(trx)
      ? `update agents set ${CHANGES} from ${source} where agents.id = heard.agent`
      : `update agents join ${source} on heard.agent = agents.id set ${CHANGES}`,
    bindings as never
  )
}

/** Columns of the contacts that one statement brings, in the order of their bindings. */
const CONTACT = ['agent', 'seen', 'number', 'said', 'every_s', 'version', 'beat'] as const

/** What has nothing to say leaves the agent as it is. */
const CHANGES = [
  'last_seen_at = heard.seen',
  'last_seq = case when heard.number > agents.last_seq then heard.number else agents.last_seq end',
  'state = coalesce(heard.said, agents.state)',
  'interval_seconds = coalesce(heard.every_s, agents.interval_seconds)',
  'agent_version = coalesce(heard.version, agents.agent_version)',
  'last_heartbeat_id = coalesce(heard.beat, agents.last_heartbeat_id)',
].join(', ')

function isSqlite(trx: TransactionClientContract): boolean {
  return trx.dialect.name !== 'mysql'
}

function quote(trx: TransactionClientContract, name: string): string {
  return isSqlite(trx) ? `"${name}"` : `\`${name}\``
}
