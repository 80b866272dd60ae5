import type { listingValidator, numberedListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'
import type { LucidModel, ModelQueryBuilderContract } from '@adonisjs/lucid/types/model'
import type { Infer } from '@vinejs/vine/types'

export type Listing = Infer<typeof listingValidator>

/** The filters and the page of a list of what is numbered. */
export type NumberedListing = Infer<typeof numberedListingValidator>

type Observed = { readonly id: string; readonly capturedAt: number }

export const DEFAULT_LIMIT = 50

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

/** One page of what is numbered, in the order of the numbers. */
export async function numberedPage<
  Model extends LucidModel,
  Row extends InstanceType<Model> & { readonly id: number },
>(
  query: ModelQueryBuilderContract<Model, Row>,
  { cursor, limit = DEFAULT_LIMIT }: NumberedListing,
  request: HttpContext['request']
): Promise<{ rows: Row[]; next: string | null }> {
  if (cursor) {
    query.where('id', '>', cursor)
  }
  const rows = await query.orderBy('id').limit(limit + 1)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const next = last ? addressAfter(request, String(last.id)) : null
  return { rows: rows.slice(0, limit), next }
}

/** As `numberedPage`, the newest first. */
export async function newestPage<
  Model extends LucidModel,
  Row extends InstanceType<Model> & { readonly id: number | bigint },
>(
  query: ModelQueryBuilderContract<Model, Row>,
  { cursor, limit = DEFAULT_LIMIT }: NumberedListing,
  request: HttpContext['request']
): Promise<{ rows: Row[]; next: string | null }> {
  if (cursor) {
    query.where('id', '<', cursor)
  }
  const rows = await query.orderBy('id', 'desc').limit(limit + 1)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const next = last ? addressAfter(request, String(last.id)) : null
  return { rows: rows.slice(0, limit), next }
}

/** A page as it is answered: the next one also stands in the `Link` header (RFC 8288). */
export function pageAnswer<Item>(
  response: HttpContext['response'],
  data: readonly Item[],
  next: string | null
) {
  if (next) {
    response.header('Link', `<${next}>; rel="next"`)
  }
  return { data, next }
}

/** Leaves what was observed by agents of one agent, person, team and time. */
export function filter<Model extends LucidModel, Row>(
  query: ModelQueryBuilderContract<Model, Row>,
  { agent, person, team, from, to, cursor }: Listing
) {
  if (agent) {
    query.where('agent_id', agent)
  }
  if (person) {
    query.whereIn('agent_id', (agents) => {
      agents.from('agents').where('person_id', person).select('id')
    })
  }
  if (team) {
    query.whereIn('agent_id', (agents) => {
      agents
        .from('agents')
        .join('users', 'users.id', 'agents.person_id')
        .where('users.team_id', team)
        .select('agents.id')
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
  return addressAfter(request, `${last.capturedAt}_${last.id}`)
}

/** The address of the page that begins after `cursor`, with the same filters. */
export function addressAfter(request: HttpContext['request'], cursor: string): string {
  const query = new URLSearchParams(request.qs() as Record<string, string>)
  query.set('cursor', cursor)
  return `${request.url()}?${query}`
}
