/**
 * What a user would write in Node: one process that takes a PNG of the screen with the npm package
 * `screenshot-desktop` every so many seconds and sends it.
 *   node screenshot_desktop.js SECONDS URL
 */
import { Agent, request } from 'node:http'
import screenshot from 'screenshot-desktop'

const [seconds, url] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })

function send(png) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'image/png', 'content-length': png.length }
    request(url, { method: 'POST', agent, headers }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end(png)
  })
}

async function shoot() {
  await send(await screenshot({ format: 'png' }))
}

await shoot()
setInterval(shoot, Number(seconds) * 1000)
