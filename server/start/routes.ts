/*
|--------------------------------------------------------------------------
| Routes
|--------------------------------------------------------------------------
|
| Deny by default: every route names who may use it with `middleware.allow`,
| and a test walks the router and fails on one that does not.
|
*/
import './routes/api.js'
import './routes/me.js'
import './routes/pages.js'
import './routes/settings.js'
