import { BaseSchema } from '@adonisjs/lucid/schema'

/** Columns that name an agent or a person; InnoDB has an index for each foreign key already. */
const COLUMNS = ['agent_id', 'person_id']

/** What an agent asks for with each of its polls, found without reading the acknowledgements of all others. */
export default class extends BaseSchema {
  async up() {
    if (this.db.dialect.name === 'mysql') {
      return
    }
    this.schema.alterTable('acknowledgements', (table) => {
      COLUMNS.forEach((column) => table.index([column]))
    })
  }

  async down() {
    if (this.db.dialect.name === 'mysql') {
      return
    }
    this.schema.alterTable('acknowledgements', (table) => {
      COLUMNS.forEach((column) => table.dropIndex([column]))
    })
  }
}
