/*
|--------------------------------------------------------------------------
| HTTP kernel
|--------------------------------------------------------------------------
|
| What runs before every request, and the named middleware that routes ask for.
| Sessions, CSRF and CSP belong to pages alone: the API is stateless and stays
| outside of them.
|
*/
import router from '@adonisjs/core/services/router'
import server from '@adonisjs/core/services/server'

server.errorHandler(() => import('#exceptions/handler'))

server.use([
  () => import('#middleware/method_middleware'),
  () => import('#middleware/container_bindings_middleware'),
  () => import('#middleware/api_middleware'),
  () => import('@adonisjs/static/static_middleware'),
  () => import('@adonisjs/vite/vite_middleware'),
])

router.use([
  () => import('#middleware/body_middleware'),
  () => import('#middleware/initialize_auth_middleware'),
])

export const middleware = router.named({
  /** Who may use a route; see allow_middleware.ts. */
  allow: () => import('#middleware/allow_middleware'),
  page: () => import('#middleware/page_middleware'),
  session: () => import('@adonisjs/session/session_middleware'),
  shield: () => import('@adonisjs/shield/shield_middleware'),
})
