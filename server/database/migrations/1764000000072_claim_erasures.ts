import { BaseSchema } from '@adonisjs/lucid/schema'

/** Who carries a request out, and until when nobody else may: one process of several wins it. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('subject_requests', (table) => {
      table.string('claim', 36).nullable()
      table.bigint('claimed_until').nullable()
    })
  }

  async down() {
    this.schema.alterTable('subject_requests', (table) => {
      table.dropColumns('claim', 'claimed_until')
    })
  }
}
