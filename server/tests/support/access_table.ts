/** Who asks. `self` is the person whose records they are; the managers manage the team of that person and another one. */
export const AUDIENCES = [
  'anonymous',
  'self',
  'other member',
  'manager',
  'other manager',
  'admin',
  'owner',
  'auditor',
  'agent',
] as const
export type Audience = (typeof AUDIENCES)[number]

export type AccessRow = {
  readonly method: string
  /** Words in braces are records of `self`, made for the request; see access_world.ts. */
  readonly path: string
  /** Expected status of each audience, in their order. */
  readonly cells: string
  readonly body?:
    | Readonly<Record<string, unknown>>
    | 'enrolment'
    | 'request'
    | 'poll'
    | 'heartbeat'
    | 'window'
    | 'batch'
    | 'upload'
}

/*
| Every route of the API, and what each audience is answered. Records of others do not exist for those
| who may not see them (404); a route that is not for a role or for agents says so (403).
|                                                  nobody self other mgr mgr' admin owner audit agent
*/
const EVERYBODY = '                                   401 200 200 200 200 200 200 200 403'
const RECORDS = '                                     401 200 404 200 404 200 200 200 403'
const PICTURES = '                                    401 200 404 200 404 404 200 404 403'
const PICTURES_GO = '                                 401 204 404 204 404 403 204 403 403'
const ADMINS_READ = '                                 401 403 403 403 403 200 200 403 403'
const ADMINS_MAKE = '                                 401 403 403 403 403 201 201 403 403'
const ADMINS_REMOVE = '                               401 403 403 403 403 204 204 403 403'
const AGENT_READS = '                                 401 403 403 403 403 403 403 403 200'
const AGENT_MAKES = '                                 401 403 403 403 403 403 403 403 201'
const OWN = '                                         401 204 404 404 404 404 404 404 403'

export const ACCESS: readonly AccessRow[] = [
  {
    method: 'POST',
    path: '/api/enrolments',
    cells: '201 201 201 201 201 201 201 201 201',
    body: 'enrolment',
  },
  {
    method: 'POST',
    path: '/api/enrolments/requests',
    cells: '201 201 201 201 201 201 201 201 201',
    body: 'request',
  },
  {
    method: 'POST',
    path: '/api/enrolments/requests/poll',
    cells: '202 202 202 202 202 202 202 202 202',
    body: 'poll',
  },
  { method: 'POST', path: '/api/observations', cells: AGENT_READS, body: 'batch' },
  { method: 'GET', path: '/api/agents/me', cells: AGENT_READS },
  {
    method: 'POST',
    path: '/api/agents/me/acknowledgements',
    cells: AGENT_MAKES,
    body: {
      version: 1,
      text_sha256: 'a'.repeat(64),
      acknowledged_at: '2026-11-22T10:00:00Z',
      language: 'en',
    },
  },

  { method: 'GET', path: '/api/agents', cells: EVERYBODY },
  {
    method: 'POST',
    path: '/api/agents',
    cells: ADMINS_MAKE,
    body: { name: 'kiosk', site: 'default' },
  },
  { method: 'GET', path: '/api/agents/{agent}', cells: RECORDS },
  { method: 'DELETE', path: '/api/agents/{agent}', cells: ADMINS_REMOVE },
  { method: 'GET', path: '/api/agents/{agent}/gaps', cells: RECORDS },

  { method: 'GET', path: '/api/heartbeats', cells: EVERYBODY },
  { method: 'POST', path: '/api/heartbeats', cells: AGENT_MAKES, body: 'heartbeat' },
  { method: 'GET', path: '/api/heartbeats/{heartbeat}', cells: RECORDS },

  { method: 'GET', path: '/api/activities', cells: EVERYBODY },
  { method: 'POST', path: '/api/activities', cells: AGENT_MAKES, body: 'window' },
  { method: 'GET', path: '/api/activities/{window}', cells: PICTURES },
  { method: 'DELETE', path: '/api/activities/{window}', cells: PICTURES_GO },

  { method: 'POST', path: '/api/uploads', cells: AGENT_READS, body: 'upload' },

  { method: 'GET', path: '/api/screenshots', cells: EVERYBODY },
  { method: 'POST', path: '/api/screenshots', cells: AGENT_MAKES },
  { method: 'GET', path: '/api/screenshots/{screenshot}', cells: PICTURES },
  { method: 'GET', path: '/api/screenshots/{screenshot}/image', cells: PICTURES },
  { method: 'GET', path: '/api/screenshots/{screenshot}/thumbnail', cells: PICTURES },
  { method: 'DELETE', path: '/api/screenshots/{screenshot}', cells: PICTURES_GO },

  { method: 'GET', path: '/api/recordings', cells: EVERYBODY },
  { method: 'POST', path: '/api/recordings', cells: AGENT_MAKES },
  { method: 'GET', path: '/api/recordings/{recording}', cells: PICTURES },
  { method: 'GET', path: '/api/recordings/{recording}/video', cells: PICTURES },
  { method: 'DELETE', path: '/api/recordings/{recording}', cells: PICTURES_GO },

  { method: 'GET', path: '/api/gaps', cells: EVERYBODY },
  { method: 'GET', path: '/api/gaps/{gap}', cells: RECORDS },
  { method: 'GET', path: '/api/evictions', cells: EVERYBODY },
  { method: 'GET', path: '/api/deletions', cells: EVERYBODY },

  { method: 'GET', path: '/api/sessions', cells: EVERYBODY },
  {
    method: 'POST',
    path: '/api/sessions',
    cells: '                                          401 201 201 201 201 201 201 201 403',
    body: { from: '2026-11-20T09:00:00Z', until: '2026-11-20T10:00:00Z', note: 'a walk' },
  },
  { method: 'GET', path: '/api/sessions/{session}', cells: PICTURES },
  { method: 'DELETE', path: '/api/sessions/{session}', cells: OWN },

  {
    method: 'GET',
    path: '/api/stats/hourly?person={person}&from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z',
    cells: PICTURES,
  },
  { method: 'GET', path: '/api/stats/daily?person={person}', cells: PICTURES },
  { method: 'GET', path: '/api/stats/trends?person={person}', cells: PICTURES },
  {
    method: 'GET',
    path: '/api/stats/explain?figure=active&person={person}&day=2026-11-20',
    cells: PICTURES,
  },

  { method: 'GET', path: '/api/categories', cells: EVERYBODY },
  { method: 'GET', path: '/api/categories/test?app=editor', cells: EVERYBODY },
  {
    method: 'POST',
    path: '/api/categories',
    cells: ADMINS_MAKE,
    body: { name: 'A category', value: 'neutral' },
  },
  {
    method: 'POST',
    path: '/api/categories/recategorisation',
    cells: '                                          401 403 403 403 403 202 202 403 403',
    body: {},
  },
  { method: 'DELETE', path: '/api/categories/{category}', cells: ADMINS_REMOVE },
  {
    method: 'POST',
    path: '/api/categories/{category}/rules',
    cells: ADMINS_MAKE,
    body: { app: 'editor' },
  },
  { method: 'DELETE', path: '/api/categories/rules/{rule}', cells: ADMINS_REMOVE },

  { method: 'GET', path: '/api/people', cells: EVERYBODY },
  { method: 'GET', path: '/api/people/{person}', cells: RECORDS },

  { method: 'GET', path: '/api/me/accesses', cells: EVERYBODY },

  { method: 'GET', path: '/api/teams', cells: EVERYBODY },
  { method: 'GET', path: '/api/teams/{team}', cells: RECORDS },
  { method: 'POST', path: '/api/teams', cells: ADMINS_MAKE, body: { name: 'A team of its own' } },
  { method: 'PATCH', path: '/api/teams/{team}', cells: ADMINS_READ, body: { manager_ids: [] } },
  { method: 'DELETE', path: '/api/teams/{team}', cells: ADMINS_REMOVE },

  { method: 'GET', path: '/api/tokens', cells: EVERYBODY },
  {
    method: 'POST',
    path: '/api/tokens',
    cells: '                                          401 201 201 201 201 201 201 201 403',
    body: { name: 'reports', abilities: ['read'] },
  },
  { method: 'DELETE', path: '/api/tokens/{token}', cells: OWN },

  { method: 'GET', path: '/api/enrolment-codes', cells: ADMINS_READ },
  { method: 'POST', path: '/api/enrolment-codes', cells: ADMINS_MAKE, body: {} },
  { method: 'GET', path: '/api/enrolment-codes/{code}', cells: ADMINS_READ },
  { method: 'DELETE', path: '/api/enrolment-codes/{code}', cells: ADMINS_REMOVE },

  { method: 'GET', path: '/api/policies/explain?person={person}', cells: RECORDS },
  {
    method: 'GET',
    path: '/api/policies/person/{person}',
    cells: '                                          401 403 403 403 403 200 200 200 403',
  },
  {
    method: 'PUT',
    path: '/api/policies/person/{person}',
    cells: ADMINS_MAKE,
    body: { values: {} },
  },
]

/** What `row` says of an audience. */
export function expected({ cells }: AccessRow, audience: Audience): number {
  return Number(cells.trim().split(/\s+/)[AUDIENCES.indexOf(audience)])
}
