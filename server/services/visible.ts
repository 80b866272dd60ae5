import { E_NOT_FOUND } from '#exceptions/api_errors'
import Activity from '#models/activity'
import Agent, { seesEveryAgent } from '#models/agent'
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

type Agents = ModelQueryBuilderContract<typeof Agent>

/** Agents whose records `viewer` may see; null: every agent. */
export function agentsSeenBy(viewer: User): Agents | null {
  return seesEveryAgent(viewer)
    ? null
    : Agent.query().withScopes((scopes) => scopes.visibleTo(viewer))
}

/** Agents whose pictures and recordings `viewer` may see; null: every agent. */
export function agentsWithPicturesFor(viewer: User): Agents | null {
  return viewer.role === 'owner'
    ? null
    : Agent.query().withScopes((scopes) => scopes.picturesVisibleTo(viewer))
}

/**
 * Of these, one's own and those of people for whom `viewer` gave a purpose today: what is shown of more
 * than one person at once.
 */
export function agentsWithPurposeFor(viewer: User): Agents {
  return (agentsWithPicturesFor(viewer) ?? Agent.query()).where((known) => {
    known
      .whereNull('person_id')
      .orWhere('person_id', viewer.id)
      .orWhereIn('person_id', peopleWithPurpose(viewer))
  })
}

/** Leaves what these agents recorded. */
function recordsOf<Model extends LucidModel>(query: Records<Model>, agents: Agents | null) {
  return agents ? query.whereIn('agent_id', agents.select('id')) : query
}

export const visibleHeartbeats = (viewer: User) =>
  recordsOf(Heartbeat.query(), agentsSeenBy(viewer))

/** What people did, whether or not a purpose was given. */
export const visibleActivities = (viewer: User) =>
  recordsOf(Activity.query(), agentsWithPicturesFor(viewer))

export const visibleGaps = (viewer: User) => recordsOf(Gap.query(), agentsSeenBy(viewer))

/** One of the records that `viewer` may see, by its id. */
export async function oneOf<Model extends LucidModel>(
  records: Records<Model>,
  id: string | number
): Promise<InstanceType<Model>> {
  return (await records.where('id', id).first()) ?? missing()
}

export const visibleScreenshots = (viewer: User) =>
  recordsOf(Screenshot.query(), agentsWithPicturesFor(viewer))

export const visibleRecordings = (viewer: User) =>
  recordsOf(Recording.query(), agentsWithPicturesFor(viewer))

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
