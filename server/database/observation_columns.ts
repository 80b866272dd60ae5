import type { Knex } from 'knex'

/**
 * The columns of every table of observations. Their key is (agent, time, id), so that a day of one
 * agent lies together and pages go by key; (id, agent) makes a re-send harmless; (agent, seq) shows
 * holes. Instants are milliseconds since 1970, UTC, in both engines.
 */
export function observationColumns(table: Knex.CreateTableBuilder) {
  table.string('id', 36).notNullable()
  table.integer('agent_id').unsigned().notNullable().references('agents.id').onDelete('CASCADE')
  table.bigint('seq').notNullable()
  table.bigint('captured_at').notNullable()
  table.smallint('utc_offset_minutes').notNullable()
  table.integer('policy_version').unsigned().notNullable()
  table.bigint('received_at').notNullable()
  table.string('content_sha256', 64).notNullable()
  table.primary(['agent_id', 'captured_at', 'id'])
  table.unique(['id', 'agent_id'])
  table.unique(['agent_id', 'seq'])
}
