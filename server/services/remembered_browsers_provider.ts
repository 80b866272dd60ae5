import { errors } from '@adonisjs/auth'
import { DbRememberMeTokensProvider, RememberMeToken } from '@adonisjs/auth/session'
import type { RememberMeTokenDbColumns } from '@adonisjs/auth/types/session'
import type { Secret } from '@adonisjs/core/helpers'
import type { QueryClientContract } from '@adonisjs/lucid/types/database'
import type { LucidModel } from '@adonisjs/lucid/types/model'

/** How long a token is good after it was exchanged: several tabs of a browser send the same one. */
const EXCHANGED_MS = 60_000

type Row = RememberMeTokenDbColumns & {
  readonly series: number | null
  readonly exchanged_at: number | null
}

/** The number of the series by which an instance of a person is remembered; null when it is not. */
export function seriesOf(user: { readonly $extras: Record<string, unknown> }): number | null {
  return (user.$extras.series as number | undefined) ?? null
}

/**
 * Tokens of browsers that remember their person. Unlike the stock provider an exchange keeps the end: a
 * browser is remembered for so long after the password, however often it is used. Tokens that follow one
 * another are a series, so that a browser is forgotten as a whole.
 */
export class RememberedBrowsersProvider<
  Model extends LucidModel,
> extends DbRememberMeTokensProvider<Model> {
  static forModel<Model extends LucidModel>(model: Model) {
    return new RememberedBrowsersProvider<Model>({ tokenableModel: model })
  }

  async create(user: InstanceType<Model>, expiresIn: string | number): Promise<RememberMeToken> {
    const token = await super.create(user, expiresIn)
    user.$extras.series = Number(token.identifier)
    return token
  }

  async verify(value: Secret<string>): Promise<RememberMeToken | null> {
    const token = await super.verify(value)
    const exchangedAt = token && (await this.#row(token.identifier))?.exchanged_at
    return exchangedAt && Date.now() - exchangedAt > EXCHANGED_MS ? null : token
  }

  /** A token in the place of one that was sent. Throws when that one was revoked meanwhile. */
  async recycle(
    user: InstanceType<Model>,
    identifier: RememberMeToken['identifier']
  ): Promise<RememberMeToken> {
    const row = await this.#row(identifier)
    if (!row) {
      const message = 'This browser is not remembered any more'
      throw new errors.E_UNAUTHORIZED_ACCESS(message, { guardDriverName: 'session' })
    }
    const db = await this.getDb()
    const { expiresAt } = this.dbRowToRememberMeToken(row)
    const series = row.series ?? Number(row.id)
    const { hash, secret } = RememberMeToken.seed(this.tokenSecretLength)
    const now = new Date()
    const made = { tokenable_id: row.tokenable_id, series, hash, expires_at: expiresAt }
    const [id]: unknown[] = await db
      .table(this.table)
      .insert({ ...made, created_at: now, updated_at: now })
      .returning('id')
    await db
      .from(this.table)
      .where('id', Number(row.id))
      .whereNull('exchanged_at')
      .update({ exchanged_at: now.getTime() })
    user.$extras.series = series
    return new RememberMeToken({
      ...{ tokenableId: row.tokenable_id, hash, secret, expiresAt, createdAt: now, updatedAt: now },
      identifier: Number(typeof id === 'object' && id !== null && 'id' in id ? id.id : id),
    })
  }

  /** Forgets browsers of a person: all, those of some series, or all but one. */
  async forget(
    client: QueryClientContract,
    userId: number,
    which: { readonly series?: readonly number[]; readonly spared?: number | null } = {}
  ): Promise<void> {
    const { series, spared } = which
    await client
      .from(this.table)
      .where('tokenable_id', userId)
      .where((chosen) => {
        if (series) {
          chosen.where((one) => one.whereIn('id', [...series]).orWhereIn('series', [...series]))
        }
        if (spared) {
          chosen
            .whereNot('id', spared)
            .where((other) => other.whereNull('series').orWhereNot('series', spared))
        }
      })
      .delete()
  }

  /** Whether a browser still remembers a person. */
  async has(userId: number, series: number): Promise<boolean> {
    const db = await this.getDb()
    const row = await db
      .from(this.table)
      .where('tokenable_id', userId)
      .where((one) => one.where('id', series).orWhere('series', series))
      .where('expires_at', '>', new Date())
      .first()
    return row !== null
  }

  /** How many browsers remember a person, `spared` left out. */
  async countOf(userId: number, spared: number | null): Promise<number> {
    const db = await this.getDb()
    const rows: Pick<Row, 'id' | 'series'>[] = await db
      .from(this.table)
      .where('tokenable_id', userId)
      .where('expires_at', '>', new Date())
      .select('id', 'series')
    const all = new Set(rows.map((row) => row.series ?? Number(row.id)))
    return all.size - (spared !== null && all.has(spared) ? 1 : 0)
  }

  async removeExpired(): Promise<void> {
    const db = await this.getDb()
    await db.from(this.table).where('expires_at', '<', new Date()).delete()
  }

  async #row(identifier: RememberMeToken['identifier']): Promise<Row | null> {
    const db = await this.getDb()
    return db.query().from(this.table).where('id', Number(identifier)).first()
  }
}
