import db from '@adonisjs/lucid/services/db'
import type { Group } from '@japa/runner/core'

/** Children before their parents. */
const TABLES = [
  'accesses',
  'deletions',
  'gaps',
  'unchanged_screens',
  'screenshots',
  'heartbeats',
  'acknowledgements',
  'enrolment_codes',
  'agent_access_tokens',
  'agents',
  'sign_in_links',
  'user_access_tokens',
  'team_managers',
  'users',
  'teams',
  'rate_limits',
  'sessions',
]

/** Empties every table before each test of a group. */
export function cleanDatabase(group: Group) {
  group.each.setup(async () => {
    for (const table of TABLES) {
      await db.from(table).delete()
    }
  })
}
