import db from '@adonisjs/lucid/services/db'

export type Query = {
  readonly sql: string
  readonly bindings: readonly unknown[]
  /** From the driver's call until its rows are here. */
  readonly ms: number
}

type Event = {
  readonly __knexQueryUid: string
  readonly sql: string
  readonly bindings?: readonly unknown[]
}

/** Notes the queries of this process, those of transactions too. */
export class QueryWatch {
  #queries: Query[] = []
  readonly #begun = new Map<string, number>()

  /** Begins to watch; for good. */
  constructor() {
    const knex = db.connection().getReadClient()
    knex.on('query', ({ __knexQueryUid: id }: Event) => this.#begun.set(id, performance.now()))
    knex.on('query-response', (_rows: unknown, { __knexQueryUid: id, sql, bindings }: Event) => {
      const ms = performance.now() - (this.#begun.get(id) ?? Number.NaN)
      this.#begun.delete(id)
      this.#queries.push({ sql, bindings: bindings ?? [], ms })
    })
  }

  /** The queries since the last call. */
  take(): readonly Query[] {
    const taken = this.#queries
    this.#queries = []
    return taken
  }
}

export const isReading = ({ sql }: Query) => /^\s*(?:select|with)\b/i.test(sql)
