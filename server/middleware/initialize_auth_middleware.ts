import type { HttpContext } from '@adonisjs/core/http'
import type { Authenticator } from '@adonisjs/auth'
import type { Authenticators } from '@adonisjs/auth/types'
import type { NextFn } from '@adonisjs/core/types/http'

/**
 * Gives each request its authenticator. Unlike the stock middleware it leaves the view alone: making
 * a renderer lists the folder of components, which a request of an agent must not pay for.
 */
export default class InitializeAuthMiddleware {
  async handle(ctx: HttpContext, next: NextFn) {
    const manager = await ctx.containerResolver.make('auth.manager')
    ctx.auth = manager.createAuthenticator(ctx)
    return next()
  }
}

declare module '@adonisjs/core/http' {
  export interface HttpContext {
    auth: Authenticator<Authenticators>
  }
}
