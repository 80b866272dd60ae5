import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * A FLOAT of MySQL gives back six digits: what was accepted would not read back equal. SQLite keeps
 * every fraction in eight bytes already.
 */
export default class extends BaseSchema {
  async up() {
    this.#fractions('double')
  }

  async down() {
    this.#fractions('float(8, 2)')
  }

  #fractions(type: string) {
    if (this.db.dialect.name === 'mysql') {
      this.schema.raw(`alter table heartbeats modify seconds_since_input ${type} null`)
      this.schema.raw(`alter table recordings modify frame_rate ${type} not null`)
    }
  }
}
