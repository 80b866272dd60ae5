import { randomBytes } from 'node:crypto'
import { defineSite, type Agent, type Plugin } from '../../src/main.ts'
import { aHeartbeat, aScreenshot } from '../samples.ts'

const EVERY = { seconds: 0.02 }

function plugin(name: string, work: (agent: Agent) => Promise<unknown>): Plugin {
  return {
    name,
    version: '0.0.0',
    notice: { collects: `made-up ${name}s`, every: 'fifty times a second' },
    apply(agent) {
      agent.hooks.start.tap(name, () => {
        agent.every(name, EVERY, async () => {
          await work(agent)
        })
      })
    },
  }
}

/** A site for specs: two plugins that record as fast as they can, without looking at anything. */
export default defineSite({
  name: 'busy',
  spool: { minFreeBytes: 0, maxBytes: 1e12 },
  plugins: [
    plugin('heartbeat', async (agent) =>
      agent.record({ ...aHeartbeat(), spool: (await agent.status()).spool })
    ),
    plugin('screenshot', async (agent) => {
      const picture = randomBytes(20_000)
      return agent.record(aScreenshot(picture), picture)
    }),
  ],
})
