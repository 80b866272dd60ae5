import { BaseSchema } from '@adonisjs/lucid/schema'

/** Columns that the log is narrowed to; `at` grows with the id. */
const OF_LOG = [['person_id', 'id'], ['kind', 'id'], ['action', 'id'], ['at']]

/** What pages look for in the log, recordings and deletions and found by reading all rows. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('audit_log', (table) => {
      OF_LOG.forEach((columns) => table.index(columns))
      // two columns that are asked for together, so that no planner prefers the kind
      table.index(['object_id', 'agent_id', 'id'])
      table.dropIndex(['object_id', 'id'])
    })
    this.schema.alterTable('deletions', (table) => table.index(['agent_id', 'captured_at', 'id']))
    /** The sums of a run, from the index alone; its address does not name the agent. */
    this.schema.alterTable('recordings', (table) => {
      table.dropIndex(['agent_id', 'recording_id', 'segment'])
      table.index(
        ['recording_id', 'agent_id', 'captured_at', 'duration_ms', 'bytes'],
        'recordings_runs'
      )
    })
  }

  async down() {
    this.schema.alterTable('deletions', (table) => {
      table.dropIndex(['agent_id', 'captured_at', 'id'])
    })
    this.schema.alterTable('recordings', (table) => {
      table.dropIndex([], 'recordings_runs')
      table.index(['agent_id', 'recording_id', 'segment'])
    })
    this.schema.alterTable('audit_log', (table) => {
      table.index(['object_id', 'id'])
      table.dropIndex(['object_id', 'agent_id', 'id'])
      OF_LOG.forEach((columns) => table.dropIndex(columns))
    })
  }
}
