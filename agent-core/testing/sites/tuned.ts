import { defineSite, resolveOptions, type Agent, type Plugin, type Policy } from '../../src/main.ts'
import { aHeartbeat, aScreenshot } from '../samples.ts'

const PICTURE = Buffer.from('RIFF a picture')
const { values: options } = resolveOptions(
  'screenshot',
  { intervalSeconds: 300, quality: 60 },
  { intervalSeconds: 60 }
)

/** Looks like the screenshot plugin to the commands, without a screen. */
const screenshot: Plugin = {
  name: 'screenshot',
  version: '1.0.0',
  notice: { collects: 'a made-up picture', every: `every ${options.intervalSeconds} seconds` },
  options,
  bounds: {
    'screenshot.enabled': true,
    'screenshot.interval_seconds': options.intervalSeconds,
  },
  apply(agent: Agent) {
    const intervalOf = ({ values }: Policy) => ({ seconds: values['screenshot.interval_seconds'] })
    agent.hooks.start.tap('screenshot', () => {
      agent.every('screenshot', intervalOf, async () => {
        await agent.record(aScreenshot(PICTURE), PICTURE)
      })
    })
  },
  async doctor() {
    return process.env.SPEC_DARK === 'yes'
      ? [{ name: 'screen', status: 'fail', found: 'No display', means: 'capture' }]
      : [{ name: 'screen', status: 'ok', found: '1 display' }]
  },
  async capture() {
    return [
      { display: 'left', mediaType: 'image/webp', data: PICTURE },
      { display: 'right', mediaType: 'image/webp', data: PICTURE },
    ]
  },
}

const heartbeat: Plugin = {
  name: 'heartbeat',
  version: '1.0.0',
  apply(agent: Agent) {
    agent.hooks.start.tap('heartbeat', () => {
      agent.every('heartbeat', { seconds: 60 }, async () => {
        await agent.record(aHeartbeat())
      })
    })
  },
  async facts() {
    return { host: 'desk' }
  },
}

/** A site for the specs of commands: options, bounds, a probe, and little traffic. */
export default defineSite({
  name: 'tuned',
  spool: { minFreeBytes: 0, maxBytes: 1e12 },
  poll: { seconds: 1 },
  plugins: [heartbeat, screenshot],
})
