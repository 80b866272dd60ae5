import type { Schema, Validator } from '#services/openapi/schema'
import { Route } from '@adonisjs/core/http'

/** What a route takes and answers. Who may use it, its path and its errors are known already. */
export type Description = {
  readonly summary: string
  readonly details?: string
  readonly query?: Validator
  readonly body?: Validator | Schema
  /** What a success answers, by status; `null` is an answer without a body. */
  readonly answers: Readonly<Record<number, Schema | null>>
}

/** Every described route. The paths are final once all groups are closed. */
export const descriptions = new Map<Route, Description>()

declare module '@adonisjs/core/http' {
  interface Route {
    /** Says what this route takes and answers, for /openapi.json. */
    describe(description: Description): this
  }
}

Route.macro('describe', function describe(this: Route, description: Description) {
  descriptions.set(this, description)
  return this
})
