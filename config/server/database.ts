import { endWhenSilent } from '#services/database_silence'
import env from '#start/env'
import app from '@adonisjs/core/services/app'
import { defineConfig } from '@adonisjs/lucid'
import type { Connection } from 'mysql2'

type Field = { readonly type: string; string(): string | null }

/** The driver's own way of reading a fraction is off by the last bit now and then. */
function wholeFractions(field: Field, next: () => unknown): unknown {
  if (field.type !== 'DOUBLE' && field.type !== 'FLOAT') {
    return next()
  }
  const text = field.string()
  return text === null ? null : Number(text)
}

const mysqlServer = {
  host: env.get('DB_HOST'),
  port: env.get('DB_PORT'),
  user: env.get('DB_USER'),
  password: env.get('DB_PASSWORD'),
  database: env.get('DB_DATABASE'),
  timezone: 'Z',
  connectTimeout: 5000,
  charset: 'utf8mb4',
  // the driver takes a function, its types in Lucid do not know
  typeCast: wholeFractions as never,
}

/** Statements come as they are to be sent: nothing is put in for a `?`. */
const wholeTransactions = { multipleStatements: true, queryFormat: (sql: string) => sql }

/** Seconds that a server waits for a row or a table that somebody else holds, then answers 503. */
const LOCK_WAIT_SECONDS = 2

const impatient = {
  afterCreate(connection: Connection, done: (error: Error | null, connection: unknown) => void) {
    endWhenSilent(connection, mysqlServer)
    const names = ['innodb_lock_wait_timeout', 'lock_wait_timeout']
    const settings = names.map((name) => `${name} = ${LOCK_WAIT_SECONDS}`).join(', ')
    connection.query(`set session ${settings}`, (error) => done(error, connection))
  },
}

/** How long a request waits for a free connection, in milliseconds; then it is answered 503. */
const QUEUE_MS = 5000

/** A command has nobody waiting, and keeps the patience of the engine. */
const isCommand = app.getEnvironment() === 'console'
const patience = isCommand ? {} : impatient
const queue = isCommand ? {} : { acquireConnectionTimeout: QUEUE_MS }

const migrations = { naturalSort: true, paths: ['server/database/migrations'] }

const dbConfig = defineConfig({
  connection: env.get('DB_CONNECTION'),
  prettyPrintDebugQueries: true,

  connections: {
    /** The embedded default: one file, one server process. */
    sqlite: {
      client: 'better-sqlite3',
      connection: { filename: app.makePath(env.get('SQLITE_FILE', 'storage/worksight.sqlite')) },
      useNullAsDefault: true,
      pool: {
        min: 1,
        max: 1,
        afterCreate(connection: { pragma(statement: string): void }, done: () => void) {
          connection.pragma('journal_mode = WAL')
          connection.pragma('synchronous = FULL')
          connection.pragma('foreign_keys = ON')
          // the driver waits on the server's one thread: a locked file must not hold up every page
          connection.pragma('busy_timeout = 1000')
          done()
        },
      },
      migrations,
      schemaGeneration: {
        enabled: app.inDev,
        outputPath: 'server/database/schema.ts',
        rulesPaths: ['#database/schema_rules'],
        excludeTables: [
          'acknowledgements',
          'audit_head',
          'agent_access_tokens',
          'agent_changes',
          'deletions',
          'failed_jobs',
          'notices',
          'policies',
          'policy_versions',
          'queue_jobs',
          'queue_schedules',
          'rate_limits',
          'recovery_codes',
          'retention_holds',
          'sessions',
          'settings',
          'team_managers',
          'user_access_tokens',
        ],
      },
    },

    /** MySQL and MariaDB. */
    mysql: {
      ...queue,
      client: 'mysql2',
      connection: mysqlServer,
      pool: { min: 0, max: 10, ...patience },
      migrations,
      /** The classes are generated from SQLite, so that both engines run the same models. */
      schemaGeneration: { enabled: false },
    },

    /**
     * The same database, for what observations are stored with alone: a whole transaction travels as
     * one message (services/observation_statements.ts). Nothing else may send several statements at once.
     */
    mysql_ingest: {
      ...queue,
      client: 'mysql2',
      connection: { ...mysqlServer, ...wholeTransactions },
      pool: { min: 0, max: 2, ...patience },
      schemaGeneration: { enabled: false },
    },
  },
})

export default dbConfig
