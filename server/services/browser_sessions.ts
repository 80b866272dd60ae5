import User from '#models/user'
import { recordSignIn } from '#services/audit'
import { seriesOf } from '#services/remembered_browsers_provider'
import { hashSecret } from '#services/secrets'
import { twoFactorRoles } from '#services/settings'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { HttpContext } from '@adonisjs/core/http'
import { SessionCollection } from '@adonisjs/session'

/** What a session knows of its beginning; `remembered` is the series of tokens that outlives it. */
type Beginning = {
  readonly at: number
  readonly address: string
  readonly browser: string
  readonly remembered?: number | null
}

/** A second factor that is awaited; `remembered` where the browser stands for the password. */
export type Challenge = {
  readonly user: number
  readonly at: number
  readonly remember?: boolean
  readonly remembered?: number | null
}

/** A session as a page shows it: `key` names it without being it. */
export type BrowserSession = Beginning & { readonly key: string; readonly isThis: boolean }

/** Who sends a request: somebody signed in, who may have to give a code, or nobody and why. */
export type Arrival = 'signed in' | 'owes a code' | 'nobody' | 'worn out' | 'idle' | 'ended'

/** How long a session lasts without a request, and at all, in milliseconds. */
export type Limits = { readonly idleMs: number; readonly absoluteMs: number }

/** Tells when a browser was last here, so that a sign-in can say why there is one. */
const LAST_HERE = 'last-here'

/** How exactly that is kept, in milliseconds. */
const LAST_HERE_PRECISION_MS = 10 * 60_000

/**
 * Signs a person in, under a new session id, and writes down by which `means`. With `remember` the
 * browser stands for the password from now on.
 */
export async function beginSession(
  ctx: HttpContext,
  user: User,
  means: string,
  remember = false
): Promise<void> {
  await recordSignIn(user, means, ctx.request.ip())
  await ctx.auth.use('web').login(user, remember)
  await noteBeginning(ctx, user, remember ? seriesOf(user) : null)
}

/** Signs in a person who gave the code that a remembered browser owed; it stays remembered. */
export async function resumeSession(
  ctx: HttpContext,
  user: User,
  means: string,
  remembered: number
): Promise<void> {
  await recordSignIn(user, `remembered_${means}`, ctx.request.ip())
  ctx.session.put(ctx.auth.use('web').sessionKeyName, user.id)
  ctx.session.regenerate()
  await noteBeginning(ctx, user, remembered)
}

/**
 * Who a request is from. A session that is over is begun anew where the browser is remembered: that
 * stands for the password alone, so a code is asked for where there is a second factor, and whoever has
 * yet to set one up gives the password.
 */
export async function arrive(ctx: HttpContext, limits: Limits): Promise<Arrival> {
  const { auth, session } = ctx
  const guard = auth.use('web')
  const isWornOut = isOlderThan(session.get('began'), limits.absoluteMs)
  if (isWornOut) {
    session.forget(guard.sessionKeyName)
    session.forget('began')
  }
  if (!(await guard.check()) || guard.getUserOrFail().isDisabled) {
    const why = whyGone(ctx, limits.idleMs)
    return isWornOut ? 'worn out' : why
  }
  if (guard.viaRemember) {
    const user = guard.getUserOrFail()
    const remembered = seriesOf(user)
    const isOwing = user.twoFactorAt !== null && user.twoFactorAt !== undefined
    const mustSetUp = !isOwing && (await twoFactorRoles()).includes(user.role)
    if (isOwing || mustSetUp) {
      session.forget(guard.sessionKeyName)
    }
    if (isOwing) {
      session.put('challenge', { user: user.id, at: Date.now(), remembered } satisfies Challenge)
      return 'owes a code'
    }
    if (mustSetUp) {
      await guard.logout()
      await forgetSeries(user, remembered)
      return 'nobody'
    }
    await recordSignIn(user, 'remembered', ctx.request.ip())
    await noteBeginning(ctx, user, remembered)
  }
  noteHere(ctx)
  return 'signed in'
}

/** Signs out of this browser, which is not remembered any more. */
export async function endThisSession({ auth, response, session }: HttpContext): Promise<void> {
  const guard = auth.use('web')
  const user = guard.getUserOrFail()
  const { remembered }: Partial<Beginning> = session.get('began') ?? {}
  await guard.logout()
  response.clearCookie(LAST_HERE)
  await forgetSeries(user, remembered)
}

/** Whether a series of a person was not revoked. */
export function isRemembered(user: User, remembered: number): Promise<boolean> {
  return User.rememberMeTokens.has(user.id, remembered)
}

/** How many other browsers remember a person. */
export function remembering(user: User, { session }: HttpContext): Promise<number> {
  const { remembered }: Partial<Beginning> = session.get('began') ?? {}
  return User.rememberMeTokens.countOf(user.id, remembered ?? null)
}

/** Where a person is signed in, the latest first. */
export async function sessionsOf(user: User, here?: string): Promise<BrowserSession[]> {
  const collection = await app.container.make(SessionCollection)
  const sessions = await collection.tagged(String(user.id))
  return sessions
    .flatMap(({ id, data }) =>
      data.auth_web === user.id && data.began
        ? [{ ...(data.began as Beginning), key: hashSecret(id), isThis: id === here }]
        : []
    )
    .sort((one, other) => other.at - one.at)
}

/**
 * Ends the sessions of a person: the one of `key`, or all except `spared`. A browser whose session ends is
 * not remembered any more; with all sessions, none is but the one of `spared`.
 */
export async function endSessions(
  user: User,
  { key, spared }: { readonly key?: string; readonly spared?: string } = {}
): Promise<number> {
  const collection = await app.container.make(SessionCollection)
  const sessions = await collection.tagged(String(user.id))
  const ended = sessions.filter(
    ({ id }) => id !== spared && (key === undefined || hashSecret(id) === key)
  )
  const series = (of: typeof sessions) =>
    of.flatMap(({ data }) => (data.began as Beginning | undefined)?.remembered ?? [])
  await User.rememberMeTokens.forget(
    db.connection(),
    user.id,
    key === undefined
      ? { spared: series(sessions.filter(({ id }) => id === spared))[0] }
      : { series: series(ended) }
  )
  await Promise.all(ended.map(({ id }) => collection.destroy(id)))
  return ended.length
}

async function forgetSeries(user: User, series: number | null | undefined): Promise<void> {
  if (series) {
    await User.rememberMeTokens.forget(db.connection(), user.id, { series: [series] })
  }
}

async function noteBeginning(
  ctx: HttpContext,
  user: User,
  remembered: number | null
): Promise<void> {
  const browser = (ctx.request.header('user-agent') ?? 'unknown').slice(0, 200)
  const began = { at: Date.now(), address: ctx.request.ip(), browser, remembered }
  ctx.session.put('began', began satisfies Beginning)
  await ctx.session.tag(String(user.id))
  noteHere(ctx)
}

function isOlderThan(began: Beginning | undefined, ms: number): boolean {
  return began !== undefined && Date.now() - began.at > ms
}

/** Writes down in the browser that it was here, once in ten minutes. */
function noteHere({ request, response }: HttpContext) {
  const at = Number(request.cookie(LAST_HERE) ?? 0)
  if (Math.abs(Date.now() - at) > LAST_HERE_PRECISION_MS) {
    response.cookie(LAST_HERE, Date.now(), { maxAge: '30 days' })
  }
}

/** Why a browser that was signed in is not; it is told once. */
function whyGone({ request, response }: HttpContext, idleMs: number): Arrival {
  const at = Number(request.cookie(LAST_HERE) ?? 0)
  if (!at) {
    return 'nobody'
  }
  response.clearCookie(LAST_HERE)
  return Date.now() - at > idleMs - LAST_HERE_PRECISION_MS ? 'idle' : 'ended'
}
