import { E_INVALID } from '#exceptions/api_errors'
import type User from '#models/user'
import { givePurpose, requirePurpose } from '#services/purpose'
import type { HttpContext } from '@adonisjs/core/http'

/**
 * The purpose of a look at `person` through the API: that of `X-Purpose`, which then holds for today, or
 * the one given before; null at oneself. Throws E_PURPOSE_REQUIRED, E_INVALID.
 */
export async function purposeOfRequest({ request }: HttpContext, viewer: User, personId: number) {
  const given = request.header('x-purpose')?.trim()
  if (given === undefined || viewer.id === personId) {
    return requirePurpose(viewer, personId)
  }
  if (given.length < 4 || given.length > 200) {
    throw new E_INVALID('A purpose has 4 to 200 characters', { field: 'x-purpose' })
  }
  await givePurpose(viewer, personId, given)
  return given
}
