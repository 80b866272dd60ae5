import db from '@adonisjs/lucid/services/db'

/**
 * A table whose rows belong to an owner (an agent, a person) and to a moment, with an index by (owner,
 * moment, id) and one by (moment, id).
 */
export type Source = {
  readonly table: string
  readonly owner: 'agent_id' | 'person_id'
  readonly time: 'captured_at' | 'started_at'
}

export type Condition = readonly [
  column: string,
  operator: '=' | '<' | '>=',
  value: string | number,
]

/** What to look for: rows after (older than) `cursor` that fit every condition. */
export type Sought = {
  /** Null for those of everybody. */
  readonly owners: readonly number[] | null
  readonly conditions: readonly Condition[]
  readonly cursor: Moment | null
  readonly limit: number
}

/** A place in the order of a list. */
export type Moment = { readonly time: number; readonly id: string }

export type Key = Moment & { readonly owner: number }

/** As many owners are asked one by one; of more, first those are sought that can be on the page at all. */
const FEW = 64

/**
 * Rows of everybody that are looked through for each one that is wanted, before owners are asked: first few,
 * which are enough for whoever may see nearly everybody.
 */
const TRIES = [2, 20]

/**
 * The keys of the newest rows, newest first. It costs the same wherever the page begins and whoever has
 * written last: no database finds the newest of some owners by one index, so each owner's newest are
 * taken from the index and joined; the many are first sought among the newest of everybody.
 */
export async function newestKeys(source: Source, sought: Sought): Promise<Key[]> {
  const { owners, limit } = sought
  if (owners === null) {
    return ofEverybody(source, sought)
  }
  if (owners.length <= FEW) {
    return ofEach(source, sought, owners, () => limit)
  }
  const known = new Set(owners)
  for (const tries of TRIES) {
    const tried = await ofEverybody(source, { ...sought, limit: limit * tries })
    const found = tried.filter(({ owner }) => known.has(owner))
    if (found.length >= limit || tried.length < limit * tries) {
      return found.slice(0, limit)
    }
  }
  return ofMany(source, sought, owners)
}

/** One row of each owner tells whose rows can be among the newest; the nth of them has n - 1 before it. */
async function ofMany(source: Source, sought: Sought, owners: readonly number[]): Promise<Key[]> {
  const { limit } = sought
  const first: Key[] = []
  for (let at = 0; at < owners.length; at += FEW) {
    const some = owners.slice(at, at + FEW)
    first.push(...(await ofEach(source, { ...sought, limit: some.length }, some, () => 1)))
  }
  const best = first.sort(newestFirst).slice(0, limit)
  return ofEach(
    source,
    sought,
    best.map(({ owner }) => owner),
    (rank) => limit - rank
  )
}

async function ofEverybody(source: Source, sought: Sought): Promise<Key[]> {
  const { sql, bindings } = select(source, sought, null)
  return read(sql, [...bindings, sought.limit])
}

/** The newest rows of some owners, of each as many as `most` says of its place. */
async function ofEach(
  source: Source,
  sought: Sought,
  owners: readonly number[],
  most: (rank: number) => number
): Promise<Key[]> {
  if (owners.length === 0) {
    return []
  }
  const parts = owners.map((owner, rank) => ({
    ...select(source, sought, owner),
    most: most(rank),
  }))
  const [only] = parts
  if (only && parts.length === 1) {
    return read(only.sql, [...only.bindings, only.most])
  }
  // MySQL and MariaDB would fill a table for each derived one; SQLite takes no brackets in a union
  const isMysql = db.primaryConnectionName === 'mysql'
  const sql = parts.map((part, rank) =>
    isMysql ? `(${part.sql})` : `select * from (${part.sql}) part_${rank}`
  )
  return read(`${sql.join(' union all ')} order by time desc, id desc limit ?`, [
    ...parts.flatMap((part) => [...part.bindings, part.most]),
    sought.limit,
  ])
}

/** The statement of one owner, or of everybody; its last binding, which is not given, is how many. */
function select(
  { table, owner, time }: Source,
  { conditions, cursor }: Sought,
  ownerId: number | null
) {
  const wanted: { sql: string; bindings: (string | number)[] }[] = [
    ...(ownerId === null ? [] : [{ sql: `${owner} = ?`, bindings: [ownerId] }]),
    ...conditions.map(([column, operator, value]) => ({
      sql: `${column} ${operator} ?`,
      bindings: [value],
    })),
    // the first of these bounds the index, which "earlier, or as early and before it" does not
    ...(cursor
      ? [
          { sql: `${time} <= ?`, bindings: [cursor.time] },
          { sql: `(${time} < ? or id < ?)`, bindings: [cursor.time, cursor.id] },
        ]
      : []),
  ]
  const where = wanted.length > 0 ? `where ${wanted.map(({ sql }) => sql).join(' and ')}` : ''
  return {
    sql: `select ${owner} as owner, ${time} as time, id from ${table} ${where} order by ${time} desc, id desc limit ?`,
    bindings: wanted.flatMap(({ bindings }) => bindings),
  }
}

async function read(sql: string, bindings: (string | number)[]): Promise<Key[]> {
  const result = await db.rawQuery(sql, bindings)
  const rows: Key[] = Array.isArray(result[0]) ? result[0] : result
  return rows.map(({ owner, time, id }) => ({ owner: Number(owner), time: Number(time), id }))
}

const newestFirst = (one: Key, other: Key) =>
  other.time - one.time || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0)
