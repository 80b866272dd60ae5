import { BaseSchema } from '@adonisjs/lucid/schema'

/** Before this moment observations were removed by retention: the sums of then are never counted anew. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('agents', (table) => {
      table.bigint('sums_frozen_before').notNullable().defaultTo(0)
    })
  }

  async down() {
    this.schema.alterTable('agents', (table) => {
      table.dropColumn('sums_frozen_before')
    })
  }
}
