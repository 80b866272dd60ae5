import type User from '#models/user'
import { E_NOT_FOUND } from '#exceptions/api_errors'
import { createToken, revokeToken } from '#services/user_tokens'
import { tokenValidator } from '#validators/accounts'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'

type Row = {
  readonly id: number
  readonly tokenable_id: number
  readonly full_name: string
  readonly name: string | null
  readonly created_at: string | number | Date
  readonly last_used_at: string | number | Date | null
  readonly expires_at: string | number | Date | null
}

/** Tokens of people for the API: one's own, and for owners and admins those of everybody. */
export default class TokensController {
  async index({ auth, session, view }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const rows: Row[] = await tokensSeenBy(user)
      .join('users', 'users.id', 'user_access_tokens.tokenable_id')
      .select('user_access_tokens.*', 'users.full_name')
      .orderBy('user_access_tokens.id', 'desc')
      .limit(500)
    return view.render('pages/settings/tokens', {
      mine: rows.filter((row) => row.tokenable_id === user.id).map(shown),
      others: rows.filter((row) => row.tokenable_id !== user.id).map(shown),
      seesOthers: isAdmin(user),
      made: session.flashMessages.get('token'),
    })
  }

  async store({ auth, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const { name, days } = await request.validateUsing(tokenValidator)
    const actor = { user, address: request.ip() }
    const token = await createToken(actor, user, {
      ...{ name, abilities: ['read', 'write'], expiresIn: days * 24 * 3600 },
    })
    session.flash('token', token.value?.release() ?? '')
    return response.redirect().toRoute('tokens.index')
  }

  async destroy({ auth, params, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const row = await tokensSeenBy(user).where('id', params.id).select('*').first()
    if (!row) {
      throw new E_NOT_FOUND()
    }
    await revokeToken({ user, address: request.ip() }, row.tokenable_id, row.id)
    session.flash('success', 'The token is revoked')
    return response.redirect().toRoute('tokens.index')
  }
}

function isAdmin({ role }: User) {
  return role === 'owner' || role === 'admin'
}

function tokensSeenBy(user: User) {
  const query = db.from('user_access_tokens')
  return isAdmin(user) ? query : query.where('tokenable_id', user.id)
}

const instant = (value: Row['last_used_at']) => (value === null ? null : new Date(value).getTime())

function shown(row: Row) {
  return {
    id: row.id,
    name: row.name ?? 'Without a name',
    person: row.full_name,
    createdAt: instant(row.created_at),
    lastUsedAt: instant(row.last_used_at),
    expiresAt: instant(row.expires_at),
  }
}
