import Activity from '#models/activity'
import Agent from '#models/agent'
import Deletion from '#models/deletion'
import Eviction from '#models/eviction'
import Gap from '#models/gap'
import Heartbeat from '#models/heartbeat'
import type User from '#models/user'
import { noteVisits } from '#services/access_log'
import { keysetPage, type Listing } from '#services/keyset'
import {
  activityJson,
  activityWords,
  deletionJson,
  evictionJson,
  gapJson,
  heartbeatJson,
} from '#services/presentation'
import { peopleBehindPurpose } from '#services/purpose'
import { agentsSeenBy, agentsWithPurposeFor } from '#services/visible'
import { filled, recordFilterValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import { DateTime } from 'luxon'

/** Computers that one can choose from. */
const MOST_AGENTS = 500

type Shown = {
  readonly id: string
  readonly at: number
  readonly agentId: number
  readonly words: string
  /** The record as the API gives it. */
  readonly facts: object
  /** The page of the record, where it has one. */
  readonly href?: string
}

type Page = { readonly records: readonly Shown[]; readonly next: string | null }
type Read = (viewer: User, listing: Listing, request: HttpContext['request']) => Promise<Page>

const LISTS: Readonly<Record<string, Read>> = {
  async heartbeats(viewer, listing, request) {
    const listed = { model: Heartbeat, agents: agentsSeenBy(viewer) }
    const { rows, next } = await keysetPage(listed, listing, request)
    return { records: rows.map((row) => shown(row, spaced(row.state), heartbeatJson(row))), next }
  },

  async activities(viewer, listing, request) {
    const listed = { model: Activity, agents: agentsWithPurposeFor(viewer) }
    const { rows, next } = await keysetPage(listed, listing, request)
    const records = rows.map((row) => ({
      ...shown(row, activityWords(row), activityJson(row)),
      href: `/activities/${row.id}`,
    }))
    return { records, next }
  },

  async gaps(viewer, listing, request) {
    const listed = { model: Gap, agents: agentsSeenBy(viewer) }
    const { rows, next } = await keysetPage(listed, listing, request)
    const words = ({ what, cause }: Gap) => `${spaced(what)} not observed: ${spaced(cause)}`
    return { records: rows.map((row) => shown(row, words(row), gapJson(row))), next }
  },

  async evictions(viewer, listing, request) {
    const listed = { model: Eviction, agents: agentsSeenBy(viewer) }
    const { rows, next } = await keysetPage(listed, listing, request)
    const words = ({ evictedKind, cause }: Eviction) =>
      `${spaced(evictedKind)} given up: ${spaced(cause)}`
    return { records: rows.map((row) => shown(row, words(row), evictionJson(row))), next }
  },

  async deletions(viewer, listing, request) {
    const listed = { model: Deletion, agents: agentsSeenBy(viewer) }
    const { rows, next } = await keysetPage(listed, listing, request)
    return { records: rows.map((row) => shown(row, spaced(row.kind), deletionJson(row))), next }
  },
}

/**
 * What computers told, as it came: signs of life, what is missing and why, and events of activity. Events
 * show what somebody did: those of others only with a purpose, and each person reads that they were looked at.
 */
export default class RecordsController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const [, filter] = await recordFilterValidator.tryValidate(filled(request.qs()))
    const { kind, agent, from, to, cursor } = filter ?? {}
    const chosen = kind ?? 'heartbeats'
    const listing = {
      ...(agent ? { agent } : {}),
      ...(from ? { from: startOf(from, viewer) } : {}),
      ...(to ? { to: startOf(to, viewer, 1) } : {}),
      ...(cursor ? { cursor } : {}),
    }
    const { records, next } = (await LISTS[chosen]?.(viewer, listing, request)) ?? {
      records: [],
      next: null,
    }
    const agents = await Agent.query()
      .withScopes((scopes) => scopes.visibleTo(viewer))
      .orderBy('name')
      .limit(MOST_AGENTS)
    const named = await Agent.query().whereIn('id', [...new Set(records.map((row) => row.agentId))])
    const showsPeople = chosen === 'activities'
    if (showsPeople) {
      const seen = named.flatMap(({ personId }) => personId ?? [])
      await noteVisits(viewer, seen, 'activities', 'list', request.ip())
    }
    return view.render('pages/records/index', {
      records,
      next,
      agents,
      names: new Map(named.map(({ id, name }) => [id, name])),
      behind: showsPeople && !cursor ? (await peopleBehindPurpose(viewer, { agent })).length : 0,
      back: `/records?${new URLSearchParams({ kind: chosen, ...texts({ agent, from, to }) })}`,
      filter: { kind: chosen, agent, from, to },
      isFiltered: Boolean(agent || from || to),
    })
  }
}

function shown(
  { id, capturedAt, agentId }: { id: string; capturedAt: number; agentId: number },
  words: string,
  facts: object
): Shown {
  return { id, at: Number(capturedAt), agentId, words, facts }
}

/** Fields of a filter as an address has them; what is not chosen is left out. */
const texts = (fields: Record<string, string | number | null | undefined>) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value ? [[name, String(value)]] : []))
  )

const spaced = (word: string) => word.replaceAll('_', ' ')

/** The first moment of a day of the viewer, or of one after it. */
function startOf(day: string, viewer: User, later = 0): string {
  return (
    DateTime.fromISO(day, { zone: viewer.timeZone }).plus({ days: later }).toUTC().toISO() ?? ''
  )
}
