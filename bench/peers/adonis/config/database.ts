import { defineConfig } from '@adonisjs/lucid'

const { DB, DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_DATABASE, FILE } = process.env

export default defineConfig({
  connection: DB === 'mysql' ? 'mysql' : 'sqlite',
  connections: {
    sqlite: {
      client: 'better-sqlite3',
      connection: { filename: FILE ?? '' },
      useNullAsDefault: true,
      pool: {
        afterCreate(connection: { pragma(statement: string): void }, done: () => void) {
          connection.pragma('journal_mode = WAL')
          connection.pragma('synchronous = FULL')
          done()
        },
      },
    },
    mysql: {
      client: 'mysql2',
      connection: {
        host: DB_HOST,
        port: Number(DB_PORT),
        user: DB_USER,
        password: DB_PASSWORD,
        database: DB_DATABASE,
      },
    },
  },
})
