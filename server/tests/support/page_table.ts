/** Who opens a page. `self` is the person whose records they are; the managers manage the team of that person and another one. */
export const VISITORS = [
  'nobody',
  'self',
  'other member',
  'manager',
  'other manager',
  'admin',
  'owner',
  'auditor',
] as const
export type Visitor = (typeof VISITORS)[number]

/*
| Every page and form, and what each visitor is answered: who is not signed in is led to the sign-in (302),
| and what is not for somebody does not exist for them (404). A dash stands where a form would be carried
| out: that is for the specs of the form. Records are those of `self`.
|                                            nobody self other mgr mgr' admin owner audit
*/
const OPEN = '                                  200  200  200  200  200  200  200  200'
const LEADS_ON = '                              302  302  302  302  302  302  302  302'
const EVERYBODY = '                             302  200  200  200  200  200  200  200'
const ADMINS = '                                302  404  404  404  404  200  200  404'
const ADMINS_GO = '                             302  404  404  404  404  302  302  404'
const OWNER = '                                 302  404  404  404  404  404  200  404'
const RECORDS = '                               302  200  404  200  404  200  200  200'
const PICTURES = '                              302  200  404  200  404  404  200  404'
const OFFICE = '                                302  404  404  404  404  200  200  200'
const RUNS = '                                  302  404  404  404  404  200  200  200'
const THE_PERSON = '                            302  404  404  200  404  404  200  404'
const NOBODY_YET = '                            302  404  404  404  404  404  404  404'
const ANYBODY_SENDS = '                          -    -    -    -    -    -    -    - '
const EVERYBODY_SENDS = '                       302   -    -    -    -    -    -    - '
const ADMINS_SEND = '                           302  404  404  404  404   -    -   404'
const OWNER_SENDS = '                           302  404  404  404  404  404   -   404'
const LOOKERS_SEND = '                          302  404  404   -    -   404   -   404'

export const PAGES: readonly (readonly [route: string, cells: string])[] = [
  ['GET /', EVERYBODY],
  ['GET /login', OPEN],
  ['POST /login', ANYBODY_SENDS],
  ['POST /logout', EVERYBODY_SENDS],
  ['GET /login/code', LEADS_ON],
  ['POST /login/code', ANYBODY_SENDS],
  ['GET /invite/:key', OPEN],
  ['POST /invite/:key', ANYBODY_SENDS],
  ['GET /forgot', OPEN],
  ['POST /forgot', ANYBODY_SENDS],
  ['GET /reset/:key', OPEN],
  ['POST /reset/:key', ANYBODY_SENDS],
  ['GET /welcome', LEADS_ON],
  ['POST /welcome/dismiss', EVERYBODY_SENDS],
  ['POST /theme', ANYBODY_SENDS],
  ['GET /transparency', OPEN],
  ['GET /monitoring/dashboard', LEADS_ON],
  ['GET /admin', LEADS_ON],
  ['GET /openapi.json', OPEN],
  ['GET /openapi.yaml', OPEN],
  ['GET /docs/api', OPEN],
  ['GET /docs/api/files/:file', OPEN],
  ['GET /health/live', OPEN],
  ['GET /health/ready', OPEN],
  ['GET /dev/components', ADMINS],

  ['GET /agents', EVERYBODY],
  ['GET /agents/new', ADMINS],
  ['POST /agents/codes', ADMINS_SEND],
  ['GET /agents/:id', RECORDS],
  ['POST /agents/:id', ADMINS_SEND],
  ['GET /agents/:id/edit', ADMINS],
  ['POST /agents/:id/revocation', ADMINS_SEND],

  ['GET /screenshots', EVERYBODY],
  ['GET /screenshots/:id', PICTURES],
  ['DELETE /screenshots/:id', '                   302   -   404   -   404  404   -   404'],
  ['POST /screenshots/purposes', LOOKERS_SEND],
  ['POST /screenshots/selection/deletion', LOOKERS_SEND],
  ['POST /screenshots/selection/hold', LOOKERS_SEND],
  ['GET /recordings', EVERYBODY],
  ['GET /recordings/:id', PICTURES],
  ['DELETE /recordings/:id', '                    302   -   404   -   404  404   -   404'],
  ['GET /media/screenshots/:id', '                302  404  404  428  404  404  428  404'],
  ['GET /media/screenshots/:id/thumb', '          302  404  404  428  404  404  428  404'],
  ['GET /media/recordings/:id', NOBODY_YET],

  ['GET /people', '                               302  404  404  200  200  200  200  200'],
  ['GET /people/:id', THE_PERSON],
  ['POST /people/:id/purposes', '                 302  404  404   -   404  404   -   404'],
  ['GET /people/:id/days', '                      302  404  404  302  404  404  302  404'],
  ['GET /people/:id/days/:date', THE_PERSON],
  ['GET /people/:id/days/:date/table.csv', NOBODY_YET],
  ['GET /people/:id/days/:date/nearest', NOBODY_YET],
  ['POST /people/:id/days/:date/notes/:note/answer', '302  404  404   -   404  404   -   404'],
  ['GET /live', '                                 302  404  404  200  200  404  200  404'],
  ['POST /live/purposes', LOOKERS_SEND],
  ['GET /search', EVERYBODY],
  ['GET /reports', EVERYBODY],
  ['GET /reports/:name', RUNS],
  ['GET /reports/:name/table.csv', RUNS],
  ['GET /reports/:name/table.json', RUNS],
  ['GET /reports/trends', EVERYBODY],
  ['GET /reports/trends/table.csv', EVERYBODY],

  ['GET /categories', EVERYBODY],
  ['POST /categories', ADMINS_SEND],
  ['POST /categories/recategorisation', ADMINS_SEND],
  ['POST /categories/rules', ADMINS_SEND],
  ['DELETE /categories/rules/:id', ADMINS_SEND],
  ['POST /categories/:id/rules', ADMINS_SEND],
  ['DELETE /categories/:id', ADMINS_SEND],

  ['GET /me', EVERYBODY],
  ['GET /me/now', EVERYBODY],
  ['GET /me/days', LEADS_ON],
  ['GET /me/days/:date', EVERYBODY],
  ['GET /me/days/:date/table.csv', EVERYBODY],
  ['GET /me/days/:date/nearest', '                302  422  422  422  422  422  422  422'],
  ['POST /me/days/:date/notes', EVERYBODY_SENDS],
  ['DELETE /me/days/:date/notes/:note', EVERYBODY_SENDS],
  ['GET /me/access', EVERYBODY],
  ['GET /me/pause', EVERYBODY],
  ['POST /me/pause', EVERYBODY_SENDS],
  ['POST /me/pause/end', EVERYBODY_SENDS],
  ['GET /me/notice', EVERYBODY],
  ['GET /me/notice/acknowledgements.json', EVERYBODY],
  ['GET /me/data', EVERYBODY],
  ['POST /me/data/export', EVERYBODY_SENDS],
  ['POST /me/data/requests', EVERYBODY_SENDS],
  ['GET /requests', ADMINS],
  ['POST /requests/:id', ADMINS_SEND],
  ['GET /exports', EVERYBODY],
  ['POST /exports', EVERYBODY_SENDS],
  ['GET /exports/:id/file', NOBODY_YET],
  ['POST /exports/:id/retry', EVERYBODY_SENDS],
  ['DELETE /exports/:id', EVERYBODY_SENDS],

  ['GET /policies', OFFICE],
  ['GET /policies/choose', NOBODY_YET],
  ['GET /policies/explain', EVERYBODY],
  ['GET /policies/:level/:id', OFFICE],
  ['POST /policies/:level/:id', ADMINS_SEND],
  ['POST /policies/:level/:id/preview', ADMINS_SEND],
  ['GET /audit', OFFICE],
  ['GET /audit/log.csv', OFFICE],
  ['GET /audit/log.json', OFFICE],

  ['GET /settings', EVERYBODY],
  ['GET /settings/profile', EVERYBODY],
  ['POST /settings/profile', EVERYBODY_SENDS],
  ['POST /settings/profile/password', EVERYBODY_SENDS],
  ['DELETE /settings/sessions/:key', EVERYBODY_SENDS],
  ['GET /settings/two-factor', EVERYBODY],
  ['POST /settings/two-factor', EVERYBODY_SENDS],
  ['POST /settings/two-factor/codes', EVERYBODY_SENDS],
  ['POST /settings/two-factor/off', EVERYBODY_SENDS],
  ['GET /settings/tokens', EVERYBODY],
  ['POST /settings/tokens', EVERYBODY_SENDS],
  ['DELETE /settings/tokens/:id', EVERYBODY_SENDS],
  ['GET /settings/users', ADMINS],
  ['POST /settings/users', ADMINS_SEND],
  ['GET /settings/users/new', ADMINS],
  ['GET /settings/users/:id', ADMINS],
  ['POST /settings/users/:id', ADMINS_SEND],
  ['DELETE /settings/users/:id', ADMINS_SEND],
  ['POST /settings/users/:id/disable', ADMINS_SEND],
  ['POST /settings/users/:id/enable', ADMINS_SEND],
  ['POST /settings/users/:id/link', ADMINS_SEND],
  ['POST /settings/users/:id/sign-out', ADMINS_SEND],
  ['POST /settings/users/:id/two-factor/reset', OWNER_SENDS],
  ['GET /settings/teams', ADMINS],
  ['POST /settings/teams', ADMINS_SEND],
  ['GET /settings/teams/:id', ADMINS],
  ['POST /settings/teams/:id', ADMINS_SEND],
  ['DELETE /settings/teams/:id', ADMINS_SEND],
  ['POST /settings/teams/:id/people', ADMINS_SEND],
  ['DELETE /settings/teams/:id/people/:person', ADMINS_SEND],
  ['GET /settings/storage', ADMINS],
  ['POST /settings/storage', ADMINS_SEND],
  ['POST /settings/storage/google-drive', ADMINS_SEND],
  ['GET /settings/storage/google-drive/connect', ADMINS_GO],
  ['GET /settings/storage/google-drive/callback', ADMINS_GO],
  ['POST /settings/storage/google-drive/disconnect', ADMINS_SEND],
  ['POST /settings/storage/:disk/check', ADMINS_SEND],
  ['GET /settings/codes', ADMINS],
  ['DELETE /settings/codes/:id', ADMINS_SEND],
  ['GET /settings/security', OWNER],
  ['POST /settings/security', OWNER_SENDS],
]
