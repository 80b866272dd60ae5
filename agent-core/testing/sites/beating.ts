import { randomBytes } from 'node:crypto'
import { defineSite, type Agent, type Plugin } from '../../src/main.ts'
import { aHeartbeat, aScreenshot } from '../samples.ts'

const PICTURE = randomBytes(200_000)

const heartbeat: Plugin = {
  name: 'heartbeat',
  version: '1.0.0',
  apply(agent: Agent) {
    agent.hooks.start.tap('heartbeat', () => {
      agent.every('heartbeat', { seconds: 1 }, async () => {
        await agent.record(aHeartbeat())
      })
    })
  },
}

const screenshot: Plugin = {
  name: 'screenshot',
  version: '1.0.0',
  apply(agent: Agent) {
    agent.hooks.start.tap('screenshot', () => {
      agent.every('screenshot', { seconds: 600 }, async () => {
        await agent.record(aScreenshot(PICTURE), PICTURE)
      })
    })
  },
}

/** A site of one large picture and a heartbeat each second, for a server on another machine. */
export default defineSite({
  name: 'beating',
  allowInsecureHttp: true,
  spool: { minFreeBytes: 0, maxBytes: 1e12 },
  poll: { seconds: 1 },
  plugins: [heartbeat, screenshot],
})
