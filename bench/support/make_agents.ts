/** Makes as many agents as argv says, each of a person, with their tokens, in the database of the environment. */
import 'reflect-metadata'
import { Ignitor } from '@adonisjs/core'
import { APP_ROOT, IMPORTER } from '../../bin/app.ts'

const count = Number(process.argv[2] ?? 1)
const ignitor = new Ignitor(APP_ROOT, { importer: IMPORTER })
const app = ignitor.createApp('console')
await app.init()
await app.boot()
await app.start(async () => {
  const { default: Agent, INGEST } = await import('#models/agent')
  const { default: db } = await import('@adonisjs/lucid/services/db')
  if (db.connection().dialect.name !== 'mysql') {
    // nothing of this has to outlive a power loss, and ten thousand commits would take minutes
    await db.rawQuery('pragma synchronous = off')
  }
  const tokens: string[] = []
  for (let index = 0; index < count; index += 1) {
    // written past the model, which would spend a while on the hash of each password
    const [personId] = await db.table('users').insert({
      full_name: `Person ${index}`,
      email: `person${index}@bench.example`,
      password: 'nobody signs in with it',
      role: 'member',
      created_at: '2026-01-01 00:00:00',
      updated_at: '2026-01-01 00:00:00',
    })
    const agent = await Agent.create({
      personId: Number(personId),
      name: `bench ${index}`,
      site: 'default',
      host: `host-${index}`,
      platform: 'linux',
      agentVersion: '0.1.0',
    })
    tokens.push((await Agent.accessTokens.create(agent, [INGEST])).value?.release() ?? '')
  }
  // to its end before the process leaves: a pipe takes it in pieces
  await new Promise((done) => process.stdout.write(`${JSON.stringify(tokens)}\n`, done))
})
await app.terminate()
process.exit(0)
