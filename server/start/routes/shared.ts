/*
|--------------------------------------------------------------------------
| What all routes share: the shapes of their parameters, the audiences of pages
|--------------------------------------------------------------------------
*/
import type { Role } from '#models/user'
import { middleware } from '#start/kernel'

/** A number of a row. */
export const NUMBER = { match: /^\d{1,9}$/, cast: (value: string) => Number(value) }

/** A UUIDv7, as observations have. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Pages for everybody, signed in or not. */
export const everybody = [
  middleware.session(),
  middleware.shield(),
  middleware.allow('anonymous'),
  middleware.page(),
]

/** Pages for people of these roles. */
export const only = (roles: readonly Role[]) => [
  middleware.session(),
  middleware.shield(),
  middleware.allow({ page: roles }),
  middleware.page(),
]
