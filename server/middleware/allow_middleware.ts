import { E_FORBIDDEN, E_NOT_FOUND, E_UNAUTHORIZED } from '#exceptions/api_errors'
import { absoluteAgeMs, idleAgeMs } from '#config/session'
import type User from '#models/user'
import type { Role } from '#models/user'
import { readApiBody } from '#services/api_body'
import { arrive, type Arrival } from '#services/browser_sessions'
import { twoFactorRoles } from '#services/settings'
import { countRefusal, countRequest } from '#services/rates'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/**
 * Who may use a route: `anonymous` is everybody; `agent` an agent that is not revoked; a list of
 * roles, people in a browser (`page`) or with a token of theirs (`api`).
 */
export type Audience =
  | 'anonymous'
  | 'agent'
  | { readonly page: readonly Role[] }
  | { readonly api: readonly Role[] }

/** Methods for which a token that may only read is enough. */
const LOOKS = new Set(['GET', 'HEAD'])

/** Lets the audience of a route pass, and nobody else. */
export default class AllowMiddleware {
  async handle(ctx: HttpContext, next: NextFn, audience: Audience) {
    if (audience === 'agent') {
      await this.#agent(ctx)
    } else if (audience !== 'anonymous') {
      if ('api' in audience) {
        await this.#api(ctx, audience.api)
      } else if (!(await this.#page(ctx, audience.page))) {
        return
      }
    }
    await readApiBody(ctx)
    return next()
  }

  async #agent({ auth, request }: HttpContext) {
    const guard = auth.use('agent')
    if (!(await guard.check())) {
      const isPerson = isBearer(request, 'wsu_') && (await auth.use('api').check())
      if (!isPerson) {
        await countRefusal(request.ip())
      }
      throw isPerson ? new E_FORBIDDEN() : new E_UNAUTHORIZED()
    }
    await countRequest(`agent_${guard.getUserOrFail().id}`)
  }

  async #api({ auth, request }: HttpContext, roles: readonly Role[]) {
    const guard = auth.use('api')
    if (!(await guard.check())) {
      const isAgent = isBearer(request, 'wsa_') && (await auth.use('agent').check())
      if (!isAgent) {
        await countRefusal(request.ip())
      }
      throw isAgent ? new E_FORBIDDEN() : new E_UNAUTHORIZED()
    }
    const user = guard.getUserOrFail()
    if (user.isDisabled) {
      await countRefusal(request.ip())
      throw new E_UNAUTHORIZED()
    }
    await countRequest(`user_${user.currentAccessToken.identifier}`)
    const ability = LOOKS.has(request.method()) ? 'read' : 'write'
    if (!roles.includes(user.role) || user.currentAccessToken.denies(ability)) {
      throw new E_FORBIDDEN()
    }
  }

  /**
   * Whether the page may be shown; a visitor who is not signed in was sent to the sign-in then. A page
   * that is not for this person does not exist for this person.
   */
  async #page(ctx: HttpContext, roles: readonly Role[]) {
    const { auth, response, request, session } = ctx
    const arrival = await arrive(ctx, { idleMs: idleAgeMs, absoluteMs: absoluteAgeMs })
    if (arrival !== 'signed in') {
      session.put('return_to', request.method() === 'GET' ? request.url(true) : '/')
      sayWhy(ctx, arrival)
      const next = arrival === 'owes a code' ? 'challenges.create' : 'session.create'
      response.redirect().toRoute(next)
      return false
    }
    const viewer = auth.use('web').getUserOrFail()
    if (!roles.includes(viewer.role)) {
      throw new E_NOT_FOUND()
    }
    if (await mustSetUpTwoFactor(ctx, viewer)) {
      session.flash('error', 'Your role signs in with a second factor. Set it up to go on.')
      response.redirect().toRoute('two_factor.show')
      return false
    }
    return true
  }
}

function isBearer(request: HttpContext['request'], prefix: string) {
  return request.header('authorization')?.startsWith(`Bearer ${prefix}`) ?? false
}

/** Why somebody has to sign in who was signed in; else what the page before had to say. */
function sayWhy({ session }: HttpContext, arrival: Arrival) {
  const why: Partial<Record<Arrival, string>> = {
    'idle': `You were signed out after ${inWords(idleAgeMs)} without a request.`,
    'worn out': 'You were signed out, because you signed in so long ago.',
    'ended': 'You were signed out, here or from another place.',
  }
  if (why[arrival]) {
    session.flash('error', why[arrival])
  } else {
    session.reflashOnly(['error', 'errorsBag'])
  }
}

/** A span as `8 h` or `30 min`. */
function inWords(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
}

/** What somebody reaches who has yet to set up a second factor. */
const BEFORE_TWO_FACTOR = /^(two_factor\.|session\.destroy$|theme\.store$)/

async function mustSetUpTwoFactor({ route }: HttpContext, user: User): Promise<boolean> {
  if (user.twoFactorAt || BEFORE_TWO_FACTOR.test(route?.name ?? '')) {
    return false
  }
  return (await twoFactorRoles()).includes(user.role)
}
