import { BaseSchema } from '@adonisjs/lucid/schema'
import { observationColumns } from '#database/observation_columns'

/** Windows and presence, recordings in segments, and what agents had to give up. */
export default class extends BaseSchema {
  async up() {
    /** ActivityWatch's model: `captured_at` is the start. Titles and domains fade with retention. */
    this.schema.createTable('activities', (table) => {
      observationColumns(table)
      table.string('kind', 16).notNullable()
      table.bigint('duration_ms').notNullable()
      table.integer('pulsetime_ms').unsigned().notNullable()
      table.string('app', 255).nullable()
      table.string('title', 1024).nullable()
      table.string('domain', 255).nullable()
      table.bigint('pid').nullable()
      table.string('state', 16).nullable()
      table.bigint('active_ms').nullable()
      table.integer('slot_ms').unsigned().nullable()
    })

    this.schema.createTable('recordings', (table) => {
      observationColumns(table)
      table.string('recording_id', 36).notNullable()
      table.integer('segment').unsigned().notNullable()
      table.json('display').notNullable()
      table.integer('width').unsigned().notNullable()
      table.integer('height').unsigned().notNullable()
      table.float('frame_rate').notNullable()
      table.bigint('duration_ms').notNullable()
      table.string('media_type', 16).notNullable()
      table.string('codec', 32).notNullable()
      table.bigint('bytes').notNullable()
      table.string('sha256', 64).notNullable()
      table.string('source', 64).notNullable()
      table.boolean('simulated').notNullable()
      table.boolean('complete').notNullable()
      table.string('media_key', 160).notNullable()
      table.index(['captured_at', 'id'])
      table.index(['agent_id', 'recording_id', 'segment'])
    })

    /** Tombstones of what agents gave up before it could be delivered. */
    this.schema.createTable('evictions', (table) => {
      observationColumns(table)
      table.string('evicted_id', 36).notNullable()
      table.bigint('evicted_seq').notNullable()
      table.string('evicted_kind', 32).notNullable()
      table.bigint('evicted_captured_at').notNullable()
      table.bigint('bytes').notNullable()
      table.string('cause', 16).notNullable()
      table.index(['agent_id', 'evicted_seq'])
    })
  }

  async down() {
    this.schema.dropTable('evictions')
    this.schema.dropTable('recordings')
    this.schema.dropTable('activities')
  }
}
