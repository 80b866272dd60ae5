import { BaseSchema } from '@adonisjs/lucid/schema'

const MEDIA = ['screenshots', 'recordings']

/** On which disk a file stands, what has to move or to go, and uploads that agents make by themselves. */
export default class extends BaseSchema {
  async up() {
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => {
        table.string('disk', 16).notNullable().defaultTo('local')
        /** The disk that the file is on its way to; null where it stays. */
        table.string('move_to', 16).nullable()
        table.index(['move_to', 'captured_at'], `${name}_to_move`)
      })
    }

    /** Files whose rows are gone and that still stand on a disk elsewhere; tried until they are gone. */
    this.schema.createTable('media_removals', (table) => {
      table.increments('id')
      table.string('disk', 16).notNullable()
      table.string('media_key', 255).notNullable()
      table.bigint('queued_at').notNullable()
      table.integer('attempts').unsigned().notNullable().defaultTo(0)
      table.bigint('next_at').notNullable()
      table.string('last_error', 255).nullable()
      table.index(['next_at'])
    })

    /** Uploads under way: the key a file has before its first byte, and the session, encrypted. */
    this.schema.createTable('uploads', (table) => {
      table.integer('agent_id').unsigned().notNullable().references('agents.id').onDelete('CASCADE')
      table.string('id', 36).notNullable()
      table.string('disk', 16).notNullable()
      table.string('media_key', 128).notNullable()
      table.text('session').nullable()
      table.string('sha256', 64).notNullable()
      table.bigint('bytes').notNullable()
      table.bigint('started_at').notNullable()
      table.primary(['agent_id', 'id'])
      table.index(['started_at'])
    })
  }

  async down() {
    this.schema.dropTable('uploads')
    this.schema.dropTable('media_removals')
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => {
        table.dropIndex(['move_to', 'captured_at'], `${name}_to_move`)
        table.dropColumns('disk', 'move_to')
      })
    }
  }
}
