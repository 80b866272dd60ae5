import sessionConfig from '#config/session'
import app from '@adonisjs/core/services/app'
import { SessionCollection } from '@adonisjs/session'
import SessionMiddleware from '@adonisjs/session/session_middleware'

/** Sessions in the database, as a server has them; the client of the tests keeps its own. */
export async function keepInDatabase() {
  const config = { ...(await sessionConfig.resolver(app)), store: 'database' as const }
  const emitter = await app.container.make('emitter')
  const middleware = new SessionMiddleware(config, emitter)
  app.container.swap(SessionMiddleware, () => middleware)
  app.container.swap(SessionCollection, () => new SessionCollection(config))
  return () => app.container.restoreAll([SessionMiddleware, SessionCollection])
}
