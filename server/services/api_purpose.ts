import { E_INVALID, E_PURPOSE_REQUIRED } from '#exceptions/api_errors'
import type User from '#models/user'
import { peopleWithDaysFor } from '#services/people'
import {
  givePicturePurpose,
  givePurpose,
  givePurposesOnce,
  peopleBehindPurpose,
  peopleWithPurpose,
  purposeOf,
  requirePurpose,
  type Chosen,
} from '#services/purpose'
import type { HttpContext } from '@adonisjs/core/http'

/**
 * The purpose of a look at `person` through the API: that of `X-Purpose`, which then holds for today, or
 * the one given before; null at oneself and at what is of nobody. Throws E_PURPOSE_REQUIRED, E_INVALID.
 */
export async function purposeOfRequest(
  { request }: HttpContext,
  viewer: User,
  personId: number | null | undefined
) {
  const given = readPurpose(request)
  if (given === undefined || !personId || viewer.id === personId) {
    return requirePurpose(viewer, personId)
  }
  if ((await purposeOf(viewer, personId)) !== given) {
    await givePurpose(viewer, personId, given)
  }
  return given
}

/**
 * As `purposeOfRequest`, for a list of pictures or recordings: everybody whose are asked for needs one.
 * Throws E_PURPOSE_REQUIRED, E_INVALID.
 */
export async function purposeOfListing({ request }: HttpContext, viewer: User, chosen: Chosen) {
  const given = readPurpose(request)
  if (given !== undefined) {
    return givePicturePurpose(viewer, chosen, given)
  }
  if ((await peopleBehindPurpose(viewer, chosen)).length > 0) {
    throw new E_PURPOSE_REQUIRED()
  }
}

/**
 * For a list of what people did: everybody else whom it covers needs a purpose, and one that is given holds
 * for all of them. Throws E_PURPOSE_REQUIRED, E_INVALID.
 */
export async function takePurposeOfDays(
  { request }: HttpContext,
  viewer: User,
  team: number | undefined
): Promise<void> {
  const given = readPurpose(request)
  const people = peopleWithDaysFor(viewer).whereNot('users.id', viewer.id).select('users.id')
  if (team) {
    people.where('users.team_id', team)
  }
  if (given === undefined) {
    if (await people.whereNotIn('users.id', peopleWithPurpose(viewer)).first()) {
      throw new E_PURPOSE_REQUIRED()
    }
    return
  }
  await givePurposesOnce(
    viewer,
    (await people).map(({ id }) => id),
    given
  )
}

function readPurpose(request: HttpContext['request']): string | undefined {
  const given = request.header('x-purpose')?.trim()
  if (given !== undefined && (given.length < 4 || given.length > 200)) {
    throw new E_INVALID('A purpose has 4 to 200 characters', { field: 'x-purpose' })
  }
  return given
}
