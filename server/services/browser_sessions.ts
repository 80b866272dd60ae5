import type User from '#models/user'
import { recordSignIn } from '#services/audit'
import { hashSecret } from '#services/secrets'
import app from '@adonisjs/core/services/app'
import type { HttpContext } from '@adonisjs/core/http'
import { SessionCollection } from '@adonisjs/session'

/** What a session knows of its beginning. */
type Beginning = { readonly at: number; readonly address: string; readonly browser: string }

/** A session as a page shows it: `key` names it without being it. */
export type BrowserSession = Beginning & { readonly key: string; readonly isThis: boolean }

/** Signs a person in, under a new session id, and writes down by which `means`. */
export async function beginSession(ctx: HttpContext, user: User, means: string): Promise<void> {
  const address = ctx.request.ip()
  await recordSignIn(user, means, address)
  await ctx.auth.use('web').login(user)
  const browser = (ctx.request.header('user-agent') ?? 'unknown').slice(0, 200)
  ctx.session.put('began', { at: Date.now(), address, browser } satisfies Beginning)
  await ctx.session.tag(String(user.id))
}

/** Whether the session of a request is older than it may get. */
export function isWornOut({ session }: HttpContext, absoluteAgeMs: number): boolean {
  const began: Beginning | undefined = session.get('began')
  return began !== undefined && Date.now() - began.at > absoluteAgeMs
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

/** Ends the sessions of a person: the one of `key`, or all except `spared`. */
export async function endSessions(
  user: User,
  { key, spared }: { readonly key?: string; readonly spared?: string } = {}
): Promise<number> {
  const collection = await app.container.make(SessionCollection)
  const sessions = await collection.tagged(String(user.id))
  const ended = sessions.filter(
    ({ id }) => id !== spared && (key === undefined || hashSecret(id) === key)
  )
  await Promise.all(ended.map(({ id }) => collection.destroy(id)))
  return ended.length
}
