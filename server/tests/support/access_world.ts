import { createCategory, createRule } from '#services/categories/store'
import { createEnrolmentCode } from '#services/enrolment'
import { openRequest } from '#services/enrolment_requests'
import Team from '#models/team'
import User from '#models/user'
import type { AccessRow, Audience } from '#tests/support/access_table'
import { describe, gap, heartbeat, picture, uuidv7, windowEvent } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { describeSegment, VIDEO } from '#tests/support/videos'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'

const EVENTS: Readonly<Record<string, ((seq: number) => { id: string }) | undefined>> = {
  heartbeat,
  window: windowEvent,
  gap,
}

const MACHINE = { host: 'laptop', platform: 'linux', agent_version: '0.1.0' }

/** One person of each audience, the agent of `self`, and their tokens. */
export class AccessWorld {
  #seq = 0

  private constructor(
    readonly self: User,
    readonly agentId: number,
    readonly tokens: Readonly<Record<Exclude<Audience, 'anonymous'>, string>>,
    readonly image: Buffer
  ) {}

  static async make(): Promise<AccessWorld> {
    const self = await makeUser('member', 'North')
    const { agent, token } = await makeAgent(self)
    return new AccessWorld(
      self,
      agent.id,
      {
        'self': await tokenOf(self),
        'other member': await tokenOf(await makeUser('member', 'South')),
        'manager': await tokenOf(await makeUser('manager', 'North')),
        'other manager': await tokenOf(await makeUser('manager', 'South')),
        'admin': await tokenOf(await makeUser('admin', 'South')),
        'owner': await tokenOf(await makeUser('owner', 'South')),
        'auditor': await tokenOf(await makeUser('auditor', 'South')),
        'agent': token,
      },
      await picture()
    )
  }

  /** Sends one request of the table as an audience does, about records made for it. */
  async ask(client: ApiClient, row: AccessRow, audience: Audience) {
    const path = await this.#fill(client, row.path)
    const request = client.request(path, row.method)
    if (audience !== 'anonymous') {
      request.bearerToken(this.tokens[audience])
      request.header('x-purpose', 'the table of who may see what')
    }
    if (row.method === 'POST' && row.path === '/api/screenshots') {
      return this.#screenshot(request)
    }
    if (row.method === 'POST' && row.path === '/api/recordings') {
      return this.#recording(request)
    }
    if (row.body) {
      request.json((await this.#body(row)) as object)
    }
    return request
  }

  /** The next sequence number of the agent. */
  next() {
    this.#seq += 1
    return this.#seq
  }

  /** A fresh record of `self` of a kind, by its id. */
  async #make(client: ApiClient, kind: string): Promise<string | number> {
    const post = (path: string) => client.post(path).bearerToken(this.tokens.agent)
    switch (kind) {
      case 'person':
        return this.self.id
      case 'agent':
        return (await makeAgent(this.self)).agent.id
      case 'team':
        return this.#team()
      case 'token':
        return Number((await User.accessTokens.create(this.self, ['read'])).identifier)
      case 'code':
        return this.#code().then(({ enrolmentCode }) => enrolmentCode.id)
      case 'session':
        return this.#session()
      case 'category':
        return this.#category()
      case 'rule':
        return createRule(await this.#category(), {
          app: 'editor',
          title: null,
          domain: null,
          priority: 50,
        })
      case 'screenshot':
        return (await this.#screenshot(post('/api/screenshots'))).body().id
      case 'recording':
        return (await this.#recording(post('/api/recordings'))).body().id
      default: {
        const event = EVENTS[kind]?.(this.next())
        await post('/api/observations').json({ observations: [event] })
        return event?.id ?? ''
      }
    }
  }

  async #fill(client: ApiClient, path: string): Promise<string> {
    let filled = path
    for (const [braces = '', kind = ''] of path.matchAll(/\{(\w+)\}/g)) {
      filled = filled.replace(braces, String(await this.#make(client, kind)))
    }
    return filled
  }

  async #body({ body }: AccessRow): Promise<unknown> {
    switch (body) {
      case 'heartbeat':
        return heartbeat(this.next())
      case 'window':
        return windowEvent(this.next())
      case 'batch':
        return { observations: [gap(this.next())] }
      case 'upload':
        return { observation: describe(this.next(), this.image) }
      case 'enrolment': {
        const { code } = await this.#code()
        return { code, ...MACHINE }
      }
      case 'request':
        return MACHINE
      case 'poll':
        return { device_code: (await openRequest(MACHINE, '192.0.2.1')).deviceCode }
      default:
        return body && 'name' in body ? { ...body, name: `${body.name} ${this.next()}` } : body
    }
  }

  #screenshot(request: ReturnType<ApiClient['request']>) {
    const description = describe(this.next(), this.image)
    return request
      .field('observation', JSON.stringify(description))
      .file('file', this.image, { filename: 'a.webp', contentType: 'image/webp' })
  }

  #recording(request: ReturnType<ApiClient['request']>) {
    const description = describeSegment(this.next(), VIDEO)
    return request
      .field('observation', JSON.stringify(description))
      .file('file', VIDEO, { filename: 'a.mp4', contentType: 'video/mp4' })
  }

  /** The team of `self`, which may have been removed, with its manager. */
  async #team(): Promise<number> {
    const team = await Team.firstOrCreate({ name: 'North' })
    await this.self.merge({ teamId: team.id }).save()
    const manager = await User.query().where('role', 'manager').orderBy('id').firstOrFail()
    await team.related('managers').sync([manager.id])
    return team.id
  }

  #category(): Promise<number> {
    return createCategory({ name: `Category ${this.next()}`, value: 'neutral', parentId: null })
  }

  #code() {
    return createEnrolmentCode({
      site: 'default',
      name: null,
      personId: this.self.id,
      createdBy: null,
      ttlMinutes: 10,
      uses: 1,
    })
  }

  async #session(): Promise<string> {
    const id = `manual-${uuidv7()}`
    const started = Date.UTC(2026, 10, 20, 9)
    await db.table('work_sessions').insert({
      id,
      person_id: this.self.id,
      source: 'manual',
      day: '2026-11-20',
      started_at: started,
      ended_at: started + 3_600_000,
      active_ms: 0,
      idle_ms: 0,
      paused_ms: 0,
      locked_ms: 0,
      asleep_ms: 0,
      unknown_ms: 0,
      silent_ms: 0,
      missing_ms: 0,
      note: 'a walk',
    })
    return id
  }
}
