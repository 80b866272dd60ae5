import { E_NOT_FOUND } from '#exceptions/api_errors'
import Agent from '#models/agent'
import Heartbeat from '#models/heartbeat'
import Recording from '#models/recording'
import Screenshot from '#models/screenshot'
import User from '#models/user'

/** What a person may see; everything else is "not found". */

export function visibleHeartbeats(viewer: User) {
  return Heartbeat.query().whereHas('agent', (agents) => {
    agents.withScopes((scopes) => scopes.visibleTo(viewer))
  })
}

export function visibleScreenshots(viewer: User) {
  return Screenshot.query().whereHas('agent', (agents) => {
    agents.withScopes((scopes) => scopes.picturesVisibleTo(viewer))
  })
}

export function visibleRecordings(viewer: User) {
  return Recording.query().whereHas('agent', (agents) => {
    agents.withScopes((scopes) => scopes.picturesVisibleTo(viewer))
  })
}

export async function visibleRecording(viewer: User, id: string): Promise<Recording> {
  const recording = await visibleRecordings(viewer)
    .where('id', id)
    .preload('agent', (agents) => agents.preload('person'))
    .first()
  return recording ?? missing()
}

export async function visibleAgent(viewer: User, id: number): Promise<Agent> {
  const agent = await Agent.query()
    .withScopes((scopes) => scopes.visibleTo(viewer))
    .where('id', id)
    .preload('person')
    .first()
  return agent ?? missing()
}

export async function visibleScreenshot(viewer: User, id: string): Promise<Screenshot> {
  const screenshot = await visibleScreenshots(viewer)
    .where('id', id)
    .preload('agent', (agents) => agents.preload('person'))
    .first()
  return screenshot ?? missing()
}

/** A person whose records `viewer` may see: everybody oneself, managers their teams, those who run it all. */
export async function visiblePerson(viewer: User, id: number): Promise<User> {
  const seesEverybody = viewer.role !== 'manager' && viewer.role !== 'member'
  const person = await User.query()
    .where('id', id)
    .where((people) => {
      if (!seesEverybody) {
        people
          .where('users.id', viewer.id)
          .orWhere((managed) => managed.withScopes((scopes) => scopes.managedBy(viewer)))
      }
    })
    .first()
  return person ?? missing()
}

/** Why a person sees no picture where there is none to see, as a sentence. */
export function whyNoPictures({ role }: User): string {
  return role === 'admin' || role === 'auditor'
    ? 'Your role sees no pictures of others: managers see those of their teams, and everybody their own.'
    : 'The first one appears here by itself, when an agent whose person read the notice takes it.'
}

function missing(): never {
  throw new E_NOT_FOUND()
}
