import { type PrimaryKeyRule, type SchemaRules } from '@adonisjs/lucid/types/schema_generator'

/** Observations are keyed by (agent, time, id) on disk and known by their id. */
const knownById: PrimaryKeyRule = () => ({
  columnName: 'id',
  columnInfo: { tsType: 'string', decorator: '@column({ isPrimary: true })' },
})

const jsonOf = (type: string, from: string) => ({
  tsType: type,
  decorator: '@json()',
  imports: [
    { source: '#database/json_column', namedImports: ['json'] },
    { source: from, typeImports: [type] },
  ],
})

const display = jsonOf('Display', '#contract/heartbeat')

export default {
  types: {
    /** Instants and sequence numbers: whole numbers that JavaScript holds exactly. */
    bigint: { tsType: 'number', decorator: '@column()' },
  },
  columns: {
    /** Lucid would look for "sha_256". */
    sha256: { tsType: 'string', decorator: "@column({ columnName: 'sha256' })" },
    manifest_sha256: {
      tsType: 'string',
      decorator: "@column({ columnName: 'manifest_sha256' })",
    },
    content_sha256: { tsType: 'string', decorator: "@column({ columnName: 'content_sha256' })" },
  },
  tables: {
    heartbeats: {
      primaryKey: knownById,
      columns: { body: jsonOf('Heartbeat', '#contract/heartbeat') },
    },
    screenshots: { primaryKey: knownById, columns: { display } },
    unchanged_screens: { primaryKey: knownById, columns: { display } },
    activities: { primaryKey: knownById },
    recordings: { primaryKey: knownById, columns: { display } },
    gaps: { primaryKey: knownById },
    evictions: { primaryKey: knownById },
  },
} satisfies SchemaRules
