import { AccessToken, DbAccessTokensProvider } from '@adonisjs/auth/access_tokens'
import type {
  AccessTokenDbColumns,
  DbAccessTokensProviderOptions,
} from '@adonisjs/auth/types/access_tokens'
import type { Secret } from '@adonisjs/core/helpers'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import type { LucidModel } from '@adonisjs/lucid/types/model'

/** How old `last_used_at` may get before a use writes it again. */
const LAST_USED_PRECISION_MS = 5 * 60_000

/**
 * Access tokens that are checked before anything is written, and whose `last_used_at` is written at
 * most once in five minutes. The stock provider writes on every request, before it compares the
 * secret, so that a wrong token costs the database a commit.
 */
export class VerifyingTokensProvider<
  Model extends LucidModel,
> extends DbAccessTokensProvider<Model> {
  static forModel<Model extends LucidModel>(
    model: Model,
    options: Omit<DbAccessTokensProviderOptions<Model>, 'tokenableModel'>
  ) {
    return new VerifyingTokensProvider<Model>({ tokenableModel: model, ...options })
  }

  async verify(tokenValue: Secret<string>): Promise<AccessToken | null> {
    const decoded = AccessToken.decode(this.prefix, tokenValue.release())
    if (!decoded || !/^\d{1,10}$/.test(decoded.identifier)) {
      return null
    }
    const db = await this.getDb()
    const row: AccessTokenDbColumns | null = await db
      .query()
      .from(this.table)
      .where({ id: decoded.identifier, type: this.type })
      .first()
    if (!row) {
      return null
    }
    const token = this.dbRowToAccessToken(row)
    if (!token.verify(decoded.secret) || token.isExpired()) {
      return null
    }
    await this.#noteUse(token)
    return token
  }

  /** Makes a token inside a transaction, so that it exists only if its owner does. */
  async createIn(
    client: TransactionClientContract,
    owner: InstanceType<Model>,
    abilities: string[],
    options?: { name?: string; expiresIn?: string | number }
  ): Promise<AccessToken> {
    const provider = new VerifyingTokensProvider<Model>(this.options)
    provider.getDb = async () => client
    return provider.create(owner, abilities, options)
  }

  /** Checks a token inside a transaction and writes nothing. */
  async verifyIn(client: TransactionClientContract, value: string): Promise<AccessToken | null> {
    const decoded = AccessToken.decode(this.prefix, value)
    if (!decoded || !/^\d{1,10}$/.test(decoded.identifier)) {
      return null
    }
    const row: AccessTokenDbColumns | null = await client
      .from(this.table)
      .where({ id: decoded.identifier, type: this.type })
      .first()
    const token = row ? this.dbRowToAccessToken(row) : null
    return token?.verify(decoded.secret) && !token.isExpired() ? token : null
  }

  async #noteUse(token: AccessToken) {
    const now = new Date()
    if (token.lastUsedAt && now.getTime() - token.lastUsedAt.getTime() < LAST_USED_PRECISION_MS) {
      return
    }
    token.lastUsedAt = now
    const db = await this.getDb()
    await db
      .query()
      .from(this.table)
      .where('id', Number(token.identifier))
      .update({ last_used_at: now })
  }
}
