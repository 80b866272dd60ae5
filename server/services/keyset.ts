import type { listingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'
import type { LucidModel, ModelQueryBuilderContract } from '@adonisjs/lucid/types/model'
import type { Infer } from '@vinejs/vine/types'

export type Listing = Infer<typeof listingValidator>

type Observed = { readonly id: string; readonly capturedAt: number }

const DEFAULT_LIMIT = 50

/**
 * One page of observations, newest first, by key: it begins after the last item of the page before,
 * so that page 10 000 costs what page 1 costs. `next` is the address of the next page, or null.
 */
export async function keysetPage<
  Model extends LucidModel,
  Row extends InstanceType<Model> & Observed,
>(
  query: ModelQueryBuilderContract<Model, Row>,
  listing: Listing,
  request: HttpContext['request']
): Promise<{ rows: Row[]; next: string | null }> {
  const limit = listing.limit ?? DEFAULT_LIMIT
  filter(query, listing)
  const rows = await query
    .orderBy('captured_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { rows: rows.slice(0, limit), next: last ? nextAddress(request, last) : null }
}

function filter<Model extends LucidModel, Row>(
  query: ModelQueryBuilderContract<Model, Row>,
  { agent, person, from, to, cursor }: Listing
) {
  if (agent) {
    query.where('agent_id', agent)
  }
  if (person) {
    query.whereIn('agent_id', (agents) => {
      agents.from('agents').where('person_id', person).select('id')
    })
  }
  if (from) {
    query.where('captured_at', '>=', Date.parse(from))
  }
  if (to) {
    query.where('captured_at', '<', Date.parse(to))
  }
  if (cursor) {
    const [time = '', id = ''] = cursor.split('_')
    query.where((after) => {
      after
        .where('captured_at', '<', Number(time))
        .orWhere((same) => same.where('captured_at', Number(time)).where('id', '<', id))
    })
  }
}

function nextAddress(request: HttpContext['request'], last: Observed) {
  const query = new URLSearchParams(request.qs() as Record<string, string>)
  query.set('cursor', `${last.capturedAt}_${last.id}`)
  return `${request.url()}?${query}`
}
