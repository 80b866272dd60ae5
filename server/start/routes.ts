/*
|--------------------------------------------------------------------------
| Routes
|--------------------------------------------------------------------------
|
| Deny by default: every route names who may use it with `middleware.allow`,
| and a test walks the router and fails on one that does not.
|
| One after the other: each waits for services at its top, and side by side
| their order would be that in which those happen to be ready.
|
*/
await import('./routes/api.js')
await import('./routes/me.js')
await import('./routes/pages.js')
await import('./routes/settings.js')
