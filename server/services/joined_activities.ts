import type Activity from '#models/activity'
import { joinActivities, type JoinedActivity } from '#services/activity_joining'
import {
  addressAfter,
  DEFAULT_LIMIT,
  newestRows,
  type Listed,
  type Listing,
} from '#services/keyset'
import type { HttpContext } from '@adonisjs/core/http'

/** Events that one page reads at the most. One joined of more goes on, on the next page. */
const MOST_EVENTS = 5000

/** Events that are read at first for each joined one, and how much more each time they are too few. */
const [AT_FIRST, GROWTH] = [4, 4]

/** One page of the joined events of one agent and kind, newest first. */
export async function joinedPage(
  listed: Listed<typeof Activity>,
  listing: Listing,
  request: HttpContext['request']
): Promise<{ joined: JoinedActivity[]; next: string | null }> {
  const limit = listing.limit ?? DEFAULT_LIMIT
  const events: Activity[] = []
  for (let share = limit * AT_FIRST; ; share *= GROWTH) {
    const wanted = Math.min(share, MOST_EVENTS - events.length)
    const last = events.at(-1)
    const cursor = last ? `${last.capturedAt}_${last.id}` : listing.cursor
    const read = await newestRows(listed, { ...listing, cursor, limit: wanted + 1 })
    events.push(...read.slice(0, wanted))
    const isWhole = read.length <= wanted
    const all = joinActivities(events)
    // the oldest may go on in what was not read
    const whole = isWhole ? all : all.slice(0, -1)
    if (isWhole || whole.length >= limit || events.length === MOST_EVENTS) {
      const joined = (whole.length === 0 ? all : whole).slice(0, limit)
      const end = joined.at(-1)
      const isEnd = isWhole && joined.length === all.length
      return { joined, next: end && !isEnd ? addressAfter(request, `${end.from}_${end.id}`) : null }
    }
  }
}
