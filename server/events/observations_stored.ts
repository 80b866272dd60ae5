import type Agent from '#models/agent'
import { BaseEvent } from '@adonisjs/core/events'

/** Observations of an agent were committed; `last` is the newest one's id, `kind` its kind. */
export default class ObservationsStored extends BaseEvent {
  constructor(
    readonly agent: Agent,
    readonly kind: string,
    readonly last: string
  ) {
    super()
  }
}
