import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * A policy with all the exclusions that it may have is longer than a TEXT of MySQL. SQLite has one
 * text of any length.
 */
export default class extends BaseSchema {
  async up() {
    this.#details('mediumtext')
  }

  async down() {
    this.#details('text')
  }

  #details(type: string) {
    if (this.db.dialect.name === 'mysql') {
      this.schema.raw(`alter table audit_log modify details ${type} null`)
    }
  }
}
