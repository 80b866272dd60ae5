import Agent from './agent.js'
import Heartbeat from './heartbeat.js'
import type { HttpContext } from '@adonisjs/core/http'
import router from '@adonisjs/core/services/router'
import server from '@adonisjs/core/services/server'
import db from '@adonisjs/lucid/services/db'

server.use([])
router.use([
  () => import('@adonisjs/core/bodyparser_middleware'),
  () => import('@adonisjs/auth/initialize_auth_middleware'),
])

type Event = { id: string; seq: number; captured_at: string }

const row = (agent: Agent, event: Event) => ({
  id: event.id,
  agentId: agent.id,
  seq: event.seq,
  capturedAt: Date.parse(event.captured_at),
  body: JSON.stringify(event),
})

async function signIn({ auth }: HttpContext, next: () => Promise<void>) {
  await auth.use('api').authenticate()
  await next()
}

const agentOf = ({ auth }: HttpContext) => auth.use('api').user as unknown as Agent

router
  .post('/single', async (ctx) => {
    const event = await Heartbeat.create(row(agentOf(ctx), ctx.request.body() as Event))
    await agentOf(ctx).merge({ lastSeenAt: Date.now() }).save()
    return ctx.response.created({ id: event.id, result: 'created' })
  })
  .use(signIn)

router
  .post('/batch', async (ctx) => {
    const { observations } = ctx.request.body() as { observations: Event[] }
    await Heartbeat.createMany(observations.map((event) => row(agentOf(ctx), event)))
    await agentOf(ctx).merge({ lastSeenAt: Date.now() }).save()
    return { results: observations.map(({ id }) => ({ id, result: 'created' })) }
  })
  .use(signIn)

/** Makes the tables and `count` agents; gives their tokens. */
router.post('/setup/:count', async ({ params }) => {
  await db.connection().schema.createTable('peer_agents', (table) => {
    table.increments('id')
    table.string('name')
    table.bigint('last_seen_at')
  })
  await db.connection().schema.createTable('peer_tokens', (table) => {
    table.increments('id')
    table.integer('tokenable_id').unsigned().notNullable()
    table.string('type').notNullable()
    table.string('name').nullable()
    table.string('hash').notNullable()
    table.text('abilities').notNullable()
    for (const name of ['created_at', 'updated_at', 'last_used_at', 'expires_at']) {
      table.timestamp(name).nullable()
    }
  })
  await db.connection().schema.createTable('peer_heartbeats', (table) => {
    table.string('id', 36).primary()
    table.integer('agent_id').unsigned().notNullable()
    table.bigint('seq').notNullable()
    table.bigint('captured_at').notNullable()
    table.json('body').notNullable()
    table.unique(['agent_id', 'seq'])
  })
  const tokens: string[] = []
  for (let index = 0; index < Number(params.count); index += 1) {
    const agent = await Agent.create({ name: `agent ${index}`, lastSeenAt: 0 })
    tokens.push((await Agent.accessTokens.create(agent)).value?.release() ?? '')
  }
  return { tokens }
})
