import Agent, { INGEST } from '#models/agent'
import Team from '#models/team'
import User, { type Role } from '#models/user'

let made = 0

/** Makes a user of a role, in `team` if one is named; a manager then manages it. */
export async function makeUser(role: Role, team?: string): Promise<User> {
  made += 1
  const group = team ? await Team.firstOrCreate({ name: team }) : null
  const user = await User.create({
    email: `${role}-${made}@example.test`,
    fullName: `${role} number ${made}`,
    password: 'correct-horse-battery',
    role,
    timeZone: 'UTC',
    teamId: group?.id ?? null,
  })
  if (group && role === 'manager') {
    await group.related('managers').attach([user.id])
  }
  return user
}

/** A bearer token of a user. */
export async function tokenOf(user: User): Promise<string> {
  const token = await User.accessTokens.create(user, ['read', 'write'])
  return token.value?.release() ?? ''
}

/** Makes an agent of `person`, with its bearer token. */
export async function makeAgent(
  person: User | null = null
): Promise<{ agent: Agent; token: string }> {
  made += 1
  const agent = await Agent.create({
    name: `computer ${made}`,
    site: 'default',
    host: `host-${made}`,
    platform: 'linux',
    agentVersion: '0.1.0',
    personId: person?.id ?? null,
  })
  const token = await Agent.accessTokens.create(agent, [INGEST])
  return { agent, token: token.value?.release() ?? '' }
}
