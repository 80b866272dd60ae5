import { E_INVALID, E_NOT_FOUND } from '#exceptions/api_errors'
import User from '#models/user'
import { tokenJson } from '#services/presentation'
import { createToken, revokeToken } from '#services/user_tokens'
import { tokenValidator } from '#validators/resources'
import type { HttpContext } from '@adonisjs/core/http'

/** Tokens of one person at the most. */
const MOST_TOKENS = 100

const DEFAULT_DAYS = 90

/** One's own tokens. */
export default class TokensController {
  async index({ auth }: HttpContext) {
    const tokens = await User.accessTokens.all(auth.use('api').getUserOrFail())
    return { data: tokens.map(tokenJson), next: null }
  }

  /** Makes a token, which is shown once. It can do no more than the one it is made with. */
  async store({ auth, request, response }: HttpContext) {
    const owner = auth.use('api').getUserOrFail()
    const { name, abilities, expires_in_days: days } = await tokenValidator.validate(request.body())
    if (abilities.some((ability) => owner.currentAccessToken.denies(ability))) {
      throw new E_INVALID('A token can make none that may do more than it', { field: 'abilities' })
    }
    if ((await User.accessTokens.all(owner)).length >= MOST_TOKENS) {
      throw new E_INVALID(`There are ${MOST_TOKENS} tokens already: revoke one first`)
    }
    const actor = { user: owner, address: request.ip() }
    const expiresIn = `${days ?? DEFAULT_DAYS} days`
    const token = await createToken(actor, owner, { name, abilities, expiresIn })
    return response.created({ ...tokenJson(token), token: token.value?.release() })
  }

  /** Revokes a token: from then on it is refused. */
  async destroy({ auth, params, request, response }: HttpContext) {
    const owner = auth.use('api').getUserOrFail()
    const actor = { user: owner, address: request.ip() }
    if (!(await revokeToken(actor, owner.id, params.id))) {
      throw new E_NOT_FOUND()
    }
    return response.noContent()
  }
}
