import type { Observer } from '#services/observation_rows'
import { BaseEvent } from '@adonisjs/core/events'

/** What an agent brought: `last` is the newest one's id, `kind` its kind. */
export type Stored = {
  readonly agent: Pick<Observer, 'id' | 'personId'>
  readonly kind: string
  readonly last: string
}

/** Observations of these agents were committed, together. */
export default class ObservationsStored extends BaseEvent {
  constructor(readonly stored: readonly Stored[]) {
    super()
  }
}
