import type User from '#models/user'
import type { Calendar, FormerZone } from '#services/timeline/calendar'
import type { Client } from '#services/timeline/observed'
import db from '@adonisjs/lucid/services/db'

type Person = Pick<User, 'id' | 'timeZone' | 'dayStartMinutes'>

/** The calendars of some people, by their ids. */
export async function calendarsOf(
  people: readonly Person[],
  client: Client = db.connection()
): Promise<Map<number, Calendar>> {
  const rows: { user_id: number; until_day: string; time_zone: string }[] = await client
    .from('former_zones')
    .whereIn(
      'user_id',
      people.map(({ id }) => id)
    )
  const former = (id: number): FormerZone[] =>
    rows
      .filter((row) => row.user_id === id)
      .map((row) => ({ until: row.until_day, zone: row.time_zone }))
  return new Map(
    people.map(({ id, timeZone, dayStartMinutes }) => [
      id,
      { zone: timeZone, formerZones: former(id), dayStartMinutes },
    ])
  )
}

export async function calendarOf(person: Person, client?: Client): Promise<Calendar> {
  return (await calendarsOf([person], client)).get(person.id) as Calendar
}
