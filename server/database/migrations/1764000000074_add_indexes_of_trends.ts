import { BaseSchema } from '@adonisjs/lucid/schema'

/** What is added up of the days of everybody, so that the index alone is read. */
const OF_DAYS = [
  'day',
  'person_id',
  'active_ms',
  'idle_ms',
  'paused_ms',
  'locked_ms',
  'asleep_ms',
  'unknown_ms',
  'missing_ms',
  'screenshots',
  'recordings',
  'bytes',
]
const OF_CATEGORIES = ['day', 'category_id', 'person_id', 'active_ms']

/** Indexes in the order in which trends add up: no row is looked up, no table is filled to sort. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('rollup_days', (table) => {
      table.index(OF_DAYS, 'rollup_days_trends')
      table.dropIndex(['day'])
    })
    this.schema.alterTable('rollup_day_categories', (table) => {
      table.index(OF_CATEGORIES, 'rollup_day_categories_trends')
    })
  }

  async down() {
    this.schema.alterTable('rollup_day_categories', (table) => {
      table.dropIndex([], 'rollup_day_categories_trends')
    })
    this.schema.alterTable('rollup_days', (table) => {
      table.index(['day'])
      table.dropIndex([], 'rollup_days_trends')
    })
  }
}
