import type Activity from '#models/activity'
import { joinActivities, type JoinedActivity } from '#services/activity_joining'
import { addressAfter, filter, DEFAULT_LIMIT, type Listing } from '#services/keyset'
import type { HttpContext } from '@adonisjs/core/http'
import type { ModelQueryBuilderContract } from '@adonisjs/lucid/types/model'

/** Events that one page reads at the most. One joined of more goes on, on the next page. */
const MOST_EVENTS = 5000

/** One page of the joined events of one agent and kind, newest first. */
export async function joinedPage(
  query: ModelQueryBuilderContract<typeof Activity, Activity>,
  listing: Listing,
  request: HttpContext['request']
): Promise<{ joined: JoinedActivity[]; next: string | null }> {
  const limit = listing.limit ?? DEFAULT_LIMIT
  filter(query, listing)
  const events = await query
    .orderBy('captured_at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_EVENTS + 1)
  const isWhole = events.length <= MOST_EVENTS
  const all = joinActivities(events.slice(0, MOST_EVENTS))
  // The oldest may go on in what was not read.
  const whole = isWhole || all.length === 1 ? all : all.slice(0, -1)
  const joined = whole.slice(0, limit)
  const last = joined.at(-1)
  const isEnd = isWhole && joined.length === all.length
  return { joined, next: last && !isEnd ? addressAfter(request, `${last.from}_${last.id}`) : null }
}
