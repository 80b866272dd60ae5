import { column } from '@adonisjs/lucid/orm'

/** A column that holds JSON: MySQL gives it back parsed, MariaDB and SQLite as text. */
export const json = () =>
  column({
    prepare: (value: unknown) => JSON.stringify(value),
    consume: (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value),
  })
