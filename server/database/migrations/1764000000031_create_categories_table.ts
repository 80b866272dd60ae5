import { BaseSchema } from '@adonisjs/lucid/schema'

/** What windows are counted as: a tree of categories, and the rules that lead to them. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('categories', (table) => {
      table.increments('id')
      table.integer('parent_id').unsigned().nullable().references('categories.id')
      table.string('name', 80).notNullable().unique()
      table.string('value', 16).notNullable()
    })

    /** A pattern for application, title, domain, or several; the highest priority that fits decides. */
    this.schema.createTable('category_rules', (table) => {
      table.increments('id')
      table
        .integer('category_id')
        .unsigned()
        .notNullable()
        .references('categories.id')
        .onDelete('CASCADE')
      table.integer('priority').notNullable()
      table.string('app', 255).nullable()
      table.string('title', 255).nullable()
      table.string('domain', 255).nullable()
    })

    this.defer(async (db) => {
      const { STARTING_SET } = await import('#services/categories/starting_set')
      for (const { rules, ...category } of STARTING_SET) {
        const [id] = (await db.table('categories').insert(category)) as number[]
        await db.table('category_rules').multiInsert(
          rules.map((rule) => ({
            app: null,
            title: null,
            domain: null,
            ...rule,
            category_id: id,
          }))
        )
      }
    })
  }

  async down() {
    this.schema.dropTable('category_rules')
    this.schema.dropTable('categories')
  }
}
