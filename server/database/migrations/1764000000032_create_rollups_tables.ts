import { BaseSchema } from '@adonisjs/lucid/schema'
import type { Knex } from 'knex'

const TIMES = ['active_ms', 'idle_ms', 'paused_ms', 'locked_ms', 'asleep_ms', 'unknown_ms'] as const
const COUNTS = ['screenshots', 'unchanged', 'recordings', 'recording_ms', 'bytes'] as const

function sums(table: Knex.CreateTableBuilder, names: readonly string[]) {
  for (const name of names) {
    table.bigint(name).notNullable()
  }
}

/** Work sessions, sums by the hour and by the day, and what of them has to be counted again. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('work_sessions', (table) => {
      table.string('id', 48).primary()
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      /** `observed` by agents, or `manual`: noted by the person, never counted. */
      table.string('source', 16).notNullable()
      table.string('day', 10).notNullable()
      table.bigint('started_at').notNullable()
      table.bigint('ended_at').notNullable()
      sums(table, [...TIMES, 'silent_ms', 'missing_ms'])
      table.string('note', 500).nullable()
      table.index(['person_id', 'started_at', 'id'])
      table.index(['person_id', 'day'])
      table.index(['started_at', 'id'])
    })

    this.schema.createTable('rollup_hours', (table) => {
      table.integer('agent_id').unsigned().notNullable().references('agents.id').onDelete('CASCADE')
      table.bigint('hour').notNullable()
      sums(table, [...TIMES, 'heartbeats', 'activities', ...COUNTS])
      table.primary(['agent_id', 'hour'])
      table.index('hour')
    })

    this.schema.createTable('rollup_hour_categories', (table) => {
      table.integer('agent_id').unsigned().notNullable().references('agents.id').onDelete('CASCADE')
      table.bigint('hour').notNullable()
      table.integer('category_id').unsigned().notNullable()
      table.bigint('active_ms').notNullable()
      table.primary(['agent_id', 'hour', 'category_id'])
    })

    this.schema.createTable('rollup_days', (table) => {
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('day', 10).notNullable()
      table.string('time_zone', 64).notNullable()
      table.bigint('first_at').nullable()
      table.bigint('last_at').nullable()
      table.integer('sessions').unsigned().notNullable()
      sums(table, [...TIMES, 'silent_ms', 'missing_ms', 'withheld', ...COUNTS])
      table.primary(['person_id', 'day'])
      table.index('day')
    })

    this.schema.createTable('rollup_day_categories', (table) => {
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('day', 10).notNullable()
      table.integer('category_id').unsigned().notNullable()
      table.bigint('active_ms').notNullable()
      table.primary(['person_id', 'day', 'category_id'])
    })

    this.schema.createTable('dirty_hours', (table) => {
      table.integer('agent_id').unsigned().notNullable().references('agents.id').onDelete('CASCADE')
      table.bigint('hour').notNullable()
      table.primary(['agent_id', 'hour'])
    })

    this.schema.createTable('dirty_days', (table) => {
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('day', 10).notNullable()
      table.primary(['person_id', 'day'])
    })
  }

  async down() {
    for (const table of [
      'dirty_days',
      'dirty_hours',
      'rollup_day_categories',
      'rollup_days',
      'rollup_hour_categories',
      'rollup_hours',
      'work_sessions',
    ]) {
      this.schema.dropTable(table)
    }
  }
}
