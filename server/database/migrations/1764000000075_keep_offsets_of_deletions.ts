import { BaseSchema } from '@adonisjs/lucid/schema'

/** Which clock its machine had: what was deleted before is told in UTC. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('deletions', (table) => {
      table.integer('utc_offset_minutes').nullable()
    })
  }

  async down() {
    this.schema.alterTable('deletions', (table) => {
      table.dropColumn('utc_offset_minutes')
    })
  }
}
