import { instant } from '#contract/fields'
import vine from '@vinejs/vine'

/** Rows of one page at the most. */
const MOST_ROWS = 200

const id = () => vine.number().withoutDecimals().range([1, 2_147_483_647])

const limit = () => vine.number().withoutDecimals().range([1, MOST_ROWS])

/** Where a page of observations begins: the time and id of the last item of the page before. */
const observationCursor = () => vine.string().regex(/^\d{1,16}_[0-9a-f-]{36}$/)

/** Filters and page of a list of observations, from the query string. `to` is exclusive. */
const observations = () => ({
  agent: id().optional(),
  person: id().optional(),
  team: id().optional(),
  from: instant().optional(),
  to: instant().optional(),
  cursor: observationCursor().optional(),
  limit: limit().optional(),
})

export const listingValidator = vine.create(observations())

/** Activity events as they came, or with `merged=true` of one agent and kind, joined by pulsetime. */
export const activityListingValidator = vine.create({
  ...observations(),
  kind: vine.enum(['window', 'presence']).optional(),
  merged: vine.boolean().optional(),
})

export const gapListingValidator = vine.create({
  ...observations(),
  kind: vine.string().maxLength(32).optional(),
})

/** A list of what is numbered: the page begins after the number `cursor`. */
const numbered = () => ({ cursor: id().optional(), limit: limit().optional() })

export const numberedListingValidator = vine.create(numbered())

export const agentListingValidator = vine.create({
  ...numbered(),
  person: id().optional(),
  team: id().optional(),
})

export const peopleListingValidator = vine.create({
  ...numbered(),
  team: id().optional(),
  role: vine.enum(['owner', 'admin', 'manager', 'auditor', 'member']).optional(),
})
