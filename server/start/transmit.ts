/*
|--------------------------------------------------------------------------
| Live updates
|--------------------------------------------------------------------------
|
| A channel without a rule would be public, so every channel has one: `org`
| for those who see every agent, `people/:id` for the person and the managers
| of the person's team. Everything else is refused.
|
*/
import { E_INVALID } from '#exceptions/api_errors'
import User, { ROLES } from '#models/user'
import { middleware } from '#start/kernel'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'
import transmit from '@adonisjs/transmit/services/main'

export const ORGANISATION = 'org'

export const channelOfPerson = (id: number) => `people/${id}`

transmit.registerRoutes((route) => {
  route.use([
    middleware.session(),
    middleware.shield(),
    middleware.allow({ page: ROLES }),
    keepMessages,
    requireStreamId,
  ])
})

transmit.authorize(ORGANISATION, ({ auth }) => {
  const role = auth.use('web').user?.role
  return role === 'owner' || role === 'admin' || role === 'auditor'
})

transmit.authorize<{ id: string }>('people/:id', async ({ auth }, { id }) => {
  const viewer = auth.use('web').user
  if (!viewer) {
    return false
  }
  if (String(viewer.id) === id) {
    return true
  }
  const person = await User.query()
    .withScopes((scopes) => scopes.managedBy(viewer))
    .where('id', Number(id))
    .first()
  return person !== null
})

transmit.authorize('*', () => false)

/**
 * A page subscribes beside the form that its person sends: what the answer has to say is for the page
 * that comes next, not for the subscription that comes between.
 */
function keepMessages({ session }: HttpContext, next: NextFn) {
  if (Object.keys(session.flashMessages.all()).length > 0) {
    session.reflash()
  }
  return next()
}

/** Transmit's own routes answer 500 to a request without a stream id. */
function requireStreamId({ request }: HttpContext, next: NextFn) {
  const uid: unknown = request.input('uid')
  if (typeof uid !== 'string' || uid.length === 0 || uid.length > 64) {
    throw new E_INVALID('Expected the id of a stream', { field: 'uid' })
  }
  return next()
}
