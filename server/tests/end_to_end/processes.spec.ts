import { heartbeat } from '#tests/support/observations'
import { Caller, Cluster } from '#tests/support/cluster'
import { until } from '#tests/support/world'
import { test } from '@japa/runner'

type Account = { readonly email: string; readonly password: string }

for (const redis of [true, false]) {
  test.group(
    `Two server processes on one MariaDB, ${redis ? 'with' : 'without'} Redis`,
    (group) => {
      let cluster: Cluster
      let owner: Account
      let one: string
      let two: string

      group.setup(async () => {
        cluster = await Cluster.start({ redis })
        owner = (await cluster.ace<{ owner: Account }>('worksight:setup')).owner
        await cluster.startServers()
        ;[one = '', two = ''] = cluster.urls
        return () => cluster.end()
      })

      async function makeAgent() {
        const { token } = await cluster.ace<{ token: string }>(
          'token:create',
          '--email',
          owner.email
        )
        const made = await fetch(`${one}/api/agents`, {
          method: 'POST',
          headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ name: 'kiosk', site: 'default' }),
        })
        return (await made.json()) as { id: number; token: string }
      }

      function send(base: string, token: string, body: object) {
        return fetch(`${base}/api/heartbeats`, {
          method: 'POST',
          headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      }

      test('a session made on one works on the other, and ends on both', async ({ assert }) => {
        const caller = new Caller()

        const signedIn = await caller.signIn(one, owner.email, owner.password)
        assert.equal(signedIn.headers.get('location'), '/')
        assert.equal((await caller.get(`${two}/agents`)).status, 200)
        assert.equal((await caller.get(`${one}/agents`)).status, 200)

        await caller.post(`${two}/logout`, {})
        assert.equal((await caller.get(`${one}/agents`)).status, 302)
        assert.equal((await caller.get(`${two}/agents`)).status, 302)
      })

      test('wrong passwords on one and on the other count together', async ({ assert }) => {
        const wrong = (base: string) =>
          new Caller().signIn(base, 'nobody@example.test', 'wrong-password')
        for (const base of [one, two, one, two, one]) {
          await wrong(base)
        }

        const caller = new Caller()
        await caller.signIn(two, 'nobody@example.test', 'wrong-password')
        const page = await (await caller.get(`${two}/login`)).text()

        assert.match(page, /Too many attempts/)
      })

      test('a revocation on one is effective within a second on both', async ({ assert }) => {
        const agent = await makeAgent()
        assert.equal((await send(one, agent.token, heartbeat(1))).status, 201)
        assert.equal((await send(two, agent.token, heartbeat(2))).status, 201)
        const caller = new Caller()
        await caller.signIn(one, owner.email, owner.password)

        const revoked = await caller.post(`${one}/agents/${agent.id}/revocation`, {})
        assert.equal(revoked.status, 302)
        const since = Date.now()

        for (const [at, base] of [one, two].entries()) {
          await until(
            async () => (await send(base, agent.token, heartbeat(10 + at))).status === 401,
            `${base} refuses the token`,
            1
          )
        }
        assert.isBelow(Date.now() - since, 2000)
        assert.equal((await send(two, agent.token, heartbeat(20))).status, 401)
      })

      test('the same observation sent to both at once is stored once', async ({ assert }) => {
        const agent = await makeAgent()
        const observations = Array.from({ length: 20 }, (_, at) => heartbeat(at + 1))

        const answers = await Promise.all(
          observations.flatMap((body) => [
            send(one, agent.token, body),
            send(two, agent.token, body),
          ])
        )

        assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 201])
        assert.lengthOf(
          answers.filter(({ status }) => status === 201),
          20
        )
      })

      if (redis) {
        test('what one is told reaches a page that is open at the other', async ({ assert }) => {
          const agent = await makeAgent()
          const caller = new Caller()
          await caller.signIn(two, owner.email, owner.password)
          const uid = `stream-${Date.now()}`
          const events = await caller.get(`${two}/__transmit/events?uid=${uid}`)
          const subscribed = await caller.get(`${two}/__transmit/subscribe`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ uid, channel: 'org' }),
          })
          assert.equal(subscribed.status, 204)

          await send(one, agent.token, heartbeat(1))

          const reader = events.body?.getReader()
          let text = ''
          while (!text.includes('heartbeat')) {
            const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
            assert.isFalse(done)
            text += new TextDecoder().decode(value)
          }
          await reader?.cancel()
          assert.include(text, `"agent":${agent.id}`)
        })
      }
    }
  )
}
