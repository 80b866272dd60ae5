import { BaseSchema } from '@adonisjs/lucid/schema'

/** What a window was, once its title is gone. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('activities', (table) => {
      table.integer('category_id').unsigned().nullable()
    })
  }

  async down() {
    this.schema.alterTable('activities', (table) => {
      table.dropColumn('category_id')
    })
  }
}
