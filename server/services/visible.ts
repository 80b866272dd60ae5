import { E_NOT_FOUND } from '#exceptions/api_errors'
import Activity from '#models/activity'
import Agent, { seesEveryAgent } from '#models/agent'
import Deletion from '#models/deletion'
import Eviction from '#models/eviction'
import Gap from '#models/gap'
import Heartbeat from '#models/heartbeat'
import Recording from '#models/recording'
import Screenshot from '#models/screenshot'
import Team from '#models/team'
import User from '#models/user'
import { peopleWithPurpose } from '#services/purpose'
import type { LucidModel, ModelQueryBuilderContract } from '@adonisjs/lucid/types/model'

/** What a person may see; everything else is "not found". */

type Records<Model extends LucidModel> = ModelQueryBuilderContract<Model, InstanceType<Model>>

/** Leaves what agents recorded that `viewer` may see; who sees every agent asks for no agent. */
function ofVisibleAgents<Model extends LucidModel>(query: Records<Model>, viewer: User) {
  if (!seesEveryAgent(viewer)) {
    query.whereIn(
      'agent_id',
      Agent.query()
        .withScopes((scopes) => scopes.visibleTo(viewer))
        .select('id')
    )
  }
  return query
}

export const visibleHeartbeats = (viewer: User) => ofVisibleAgents(Heartbeat.query(), viewer)

/**
 * Agents whose pictures `viewer` may see. Of others, with `isForPurpose` only of those for whom a purpose
 * was given today.
 */
export function agentsWithPictures(viewer: User, isForPurpose: boolean) {
  const agents = Agent.query().withScopes((scopes) => scopes.picturesVisibleTo(viewer))
  if (isForPurpose) {
    agents.where((known) => {
      known
        .whereNull('person_id')
        .orWhere('person_id', viewer.id)
        .orWhereIn('person_id', peopleWithPurpose(viewer))
    })
  }
  return agents
}

/** What people did: for those who may see their pictures, as far as `agentsWithPictures` says. */
export function visibleActivities(viewer: User, isForPurpose = true) {
  return Activity.query().whereIn('agent_id', agentsWithPictures(viewer, isForPurpose).select('id'))
}

export const visibleGaps = (viewer: User) => ofVisibleAgents(Gap.query(), viewer)

export const visibleEvictions = (viewer: User) => ofVisibleAgents(Eviction.query(), viewer)

export const visibleDeletions = (viewer: User) => ofVisibleAgents(Deletion.query(), viewer)

/** One of the records that `viewer` may see, by its id. */
export async function oneOf<Model extends LucidModel>(
  records: Records<Model>,
  id: string | number
): Promise<InstanceType<Model>> {
  return (await records.where('id', id).first()) ?? missing()
}

/** Those of which `viewer` said today why; what is there at all is `visibleScreenshots`. */
export function screenshotsWithPurpose(viewer: User) {
  return Screenshot.query().whereIn('agent_id', agentsWithPictures(viewer, true).select('id'))
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

/** People whose records `viewer` may see: everybody oneself, managers their teams, those who run it all. */
export function visiblePeople(viewer: User) {
  return User.query().where((people) => {
    if (!seesEveryAgent(viewer)) {
      people
        .where('users.id', viewer.id)
        .orWhere((managed) => managed.withScopes((scopes) => scopes.managedBy(viewer)))
    }
  })
}

export async function visiblePerson(viewer: User, id: number): Promise<User> {
  return oneOf(visiblePeople(viewer), id)
}

/** Teams that `viewer` may see: one's own, those one manages, for those who run it all of them. */
export function visibleTeams(viewer: User) {
  return Team.query().where((teams) => {
    if (!seesEveryAgent(viewer)) {
      teams.where('id', viewer.teamId ?? 0).orWhereIn('id', (managed) => {
        managed.from('team_managers').where('user_id', viewer.id).select('team_id')
      })
    }
  })
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
