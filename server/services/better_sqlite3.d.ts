/** The part of better-sqlite3 that is used past the query builder; the package ships no types. */
declare module 'better-sqlite3' {
  export interface Statement {
    all(...values: unknown[]): unknown[]
    /** Rows as arrays of cells from now on. */
    raw(): this
    iterate(...values: unknown[]): IterableIterator<unknown>
    run(...values: unknown[]): { changes: number }
  }

  export interface Database {
    prepare(sql: string): Statement
    exec(sql: string): this
    transaction(work: () => void): { immediate(): void }
    close(): void
  }

  const Sqlite: new (path: string, options?: { readonly?: boolean; timeout?: number }) => Database
  export default Sqlite
}
