/** The part of better-sqlite3 that the tests read with; the package ships no types. */
declare module 'better-sqlite3' {
  export default class Database {
    constructor(path: string, options?: { readonly?: boolean })
    prepare(sql: string): { all(...values: unknown[]): unknown[] }
    close(): void
  }
}
