import Agent from '#models/agent'
import { newestKeys, type Condition } from '#services/newest'
import type { listingValidator, numberedListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'
import type { LucidModel, LucidRow, ModelQueryBuilderContract } from '@adonisjs/lucid/types/model'
import type { Infer } from '@vinejs/vine/types'

export type Listing = Infer<typeof listingValidator>

/** The filters and the page of a list of what is numbered. */
export type NumberedListing = Infer<typeof numberedListingValidator>

/** A model of observations, whose rows are an agent's. */
type ObservationModel = LucidModel & {
  new (): LucidRow & { readonly id: string; readonly agentId: number; readonly capturedAt: number }
}

type Rows<Model extends LucidModel> = ModelQueryBuilderContract<Model, InstanceType<Model>>

export const DEFAULT_LIMIT = 50

/** What a list shows: rows of these agents (null: of every agent) that fit the conditions. */
export type Listed<Model extends ObservationModel> = {
  readonly model: Model
  readonly agents: ModelQueryBuilderContract<typeof Agent> | null
  readonly conditions?: readonly Condition[]
  /** What else is loaded with the rows. */
  readonly load?: (query: Rows<Model>) => void
}

/**
 * One page of observations, newest first, by key: it begins after the last item of the page before,
 * so that page 10 000 costs what page 1 costs. `next` is the address of the next page, or null.
 */
export async function keysetPage<Model extends ObservationModel>(
  listed: Listed<Model>,
  listing: Listing,
  request: HttpContext['request']
): Promise<{ rows: InstanceType<Model>[]; next: string | null }> {
  const limit = listing.limit ?? DEFAULT_LIMIT
  const rows = await newestRows(listed, { ...listing, limit: limit + 1 })
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const next = last ? addressAfter(request, `${last.capturedAt}_${last.id}`) : null
  return { rows: rows.slice(0, limit), next }
}

/** The newest rows of a list that fit its filters, at most `limit`, newest first. */
export async function newestRows<Model extends ObservationModel>(
  { model, agents, conditions = [], load }: Listed<Model>,
  listing: Listing
): Promise<InstanceType<Model>[]> {
  const { from, to, cursor, limit = DEFAULT_LIMIT } = listing
  const [time = '', id = ''] = cursor?.split('_') ?? []
  const keys = await newestKeys(
    { table: model.table, owner: 'agent_id', time: 'captured_at' },
    {
      owners: await ownersOf(agents, listing),
      conditions: [
        ...conditions,
        ...(from ? [['captured_at', '>=', Date.parse(from)] as const] : []),
        ...(to ? [['captured_at', '<', Date.parse(to)] as const] : []),
      ],
      cursor: cursor ? { time: Number(time), id } : null,
      limit,
    }
  )
  if (keys.length === 0) {
    return []
  }
  const query = model.query<Model>().whereIn(
    'id',
    keys.map((key) => key.id)
  )
  load?.(query)
  const rows = new Map((await query).map((row) => [`${row.agentId} ${row.id}`, row]))
  return keys.flatMap((key) => rows.get(`${key.owner} ${key.id}`) ?? [])
}

/** The agents of a list that its filters leave; null for every agent. */
async function ownersOf(
  agents: ModelQueryBuilderContract<typeof Agent> | null,
  { agent, person, team }: Listing
): Promise<number[] | null> {
  if (!agents && !agent && !person && !team) {
    return null
  }
  const query = agents ?? Agent.query()
  if (agent) {
    query.where('agents.id', agent)
  }
  if (person) {
    query.where('agents.person_id', person)
  }
  if (team) {
    query.whereIn('agents.person_id', (people) => {
      people.from('users').where('team_id', team).select('id')
    })
  }
  return (await query.select('agents.id')).map(({ id }) => id)
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

/** The address of the page that begins after `cursor`, with the same filters. */
export function addressAfter(request: HttpContext['request'], cursor: string): string {
  const query = new URLSearchParams(request.qs() as Record<string, string>)
  query.set('cursor', cursor)
  return `${request.url()}?${query}`
}
