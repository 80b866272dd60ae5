import type ObservationsStored from '#events/observations_stored'
import { ORGANISATION, channelOfPerson } from '#start/transmit'
import transmit from '@adonisjs/transmit/services/main'

/** Tells open pages that there is something new: ids only, the pages ask for the rest. */
export default class LiveUpdates {
  async handle({ stored }: ObservationsStored) {
    for (const { agent, kind, last } of stored) {
      const message = { kind, id: last, agent: agent.id }
      transmit.broadcast(ORGANISATION, message)
      if (agent.personId) {
        transmit.broadcast(channelOfPerson(agent.personId), message)
      }
    }
  }
}
