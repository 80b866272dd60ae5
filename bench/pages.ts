/**
 * What the dashboard weighs and how soon it stands: a server of its own in production with demo data,
 * and Debian's Chromium. Weights are gzip; times are of loopback. `--json` prints the array of figures,
 * `--people`, `--days` and `--requests` shorten or lengthen the run. With `--data FOLDER` it is the data of
 * bench:queries instead, on the engine of `--db`: its pictures have no files. Lighthouse is installed at the first
 * run, in a folder of its own; `--no-lighthouse` leaves it out.
 */
import { ROOT, type Engine } from './support/contestants.ts'
import { prepareData, WHOLE } from './support/data.ts'
import { least, limit, median, report, type Figure } from './support/report.ts'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { chromium, type BrowserContext } from 'playwright'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    people: { type: 'string', default: '5' },
    days: { type: 'string', default: '14' },
    requests: { type: 'string', default: '40' },
    data: { type: 'string' },
    db: { type: 'string', default: 'sqlite' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    lighthouse: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

const LIGHTHOUSE = join(ROOT, 'bench/lighthouse')
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const

/** Loads of one page for its paint and shift. */
const LOADS = 5
const KILOBYTE = 1024
const say = (text: string) => process.stderr.write(`${text}\n`)
const kilobytes = (bytes: Buffer | string) => gzipSync(bytes).length / KILOBYTE

const folder = mkdtempSync(join(tmpdir(), 'bench-pages-'))
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const data = flags.data
  ? await prepareData({ engine: flags.db as Engine, folder: flags.data, ...WHOLE }, say)
  : null
const environment = {
  ...process.env,
  NODE_ENV: 'production',
  APP_KEY: 'only-for-this-bench-0123456789abcdef',
  DB_CONNECTION: 'sqlite',
  SQLITE_FILE: join(folder, 'database.sqlite'),
  STORAGE_PATH: join(folder, 'media'),
  ...data?.environment,
  HOST: '127.0.0.1',
  PORT: String(port),
  APP_URL: url,
  LOG_LEVEL: 'warn',
}

try {
  report(await measure(), flags.json)
} finally {
  await data?.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(): Promise<Figure[]> {
  run(['node_modules/vite/bin/vite.js', 'build'])
  run(['ace', 'migration:run', '--force'])
  // data that stay have the owners of earlier runs
  const email = `owner-${Date.now()}@example.test`
  const owner = JSON.parse(
    run(['ace', 'user:create', '--email', email, '--role', 'owner', '--json'])
  ) as { password: string }
  const until = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  if (!data) {
    const size = ['--people', flags.people, '--days', flags.days, '--until', until]
    const demo = JSON.parse(run(['ace', 'demo:seed', ...size, '--seed', '1', '--json']))
    say(`${demo.screenshots} screenshots, ${demo.heartbeats} heartbeats`)
  }

  const log = openSync(join(folder, 'server.log'), 'a')
  const command = ['--import=@poppinss/ts-exec', join(ROOT, 'bin/server.ts')]
  const server = spawn(process.execPath, command, {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', log, log],
  })
  const browser = await chromium.launch({
    executablePath: flags.chromium,
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    await answers()
    const context = await browser.newContext()
    await signIn(context, email, owner.password)
    const day = await dayWithData(context, until)
    await giveReasonForPictures(context)
    const figures = weightsOfAssets()
    const pages = ['/', '/people', day, '/screenshots', '/reports/trends'].map((path) => ({
      path,
      name: path === day ? '/people/:id/days/:date' : path,
    }))
    for (const { path, name } of pages) {
      figures.push(...(await measurePage(context, path, name)))
    }
    const scores = flags.lighthouse ? scorePages(await cookieOf(context), pages) : []
    return [...figures, ...scores]
  } finally {
    await browser.close()
    server.kill()
    await once(server, 'exit')
  }
}

/** The entry of the pages; what is loaded at a click is not part of it. */
function weightsOfAssets(): Figure[] {
  const assets = join(ROOT, 'server/public/assets')
  const weigh = (pattern: RegExp) =>
    readdirSync(assets)
      .filter((name) => pattern.test(name))
      .reduce((sum, name) => sum + kilobytes(readFileSync(join(assets, name))), 0)
  return [
    limit('CSS', 'KB', weigh(/^app-.*\.css$/), 30),
    limit('entry JS', 'KB', weigh(/^app-.*\.js$/), 32),
    limit('chart JS', 'KB', weigh(/^uPlot.*\.js$/), 25),
  ]
}

async function cookieOf(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
}

type Page = { readonly path: string; readonly name: string }
type Score = Readonly<Record<(typeof CATEGORIES)[number], number>>

/** What Lighthouse says of each page, of 100. */
function scorePages(cookie: string, pages: readonly Page[]): Figure[] {
  if (!existsSync(join(LIGHTHOUSE, 'node_modules'))) {
    say('Installing Lighthouse')
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: LIGHTHOUSE,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0) {
      throw new Error(`npm ci in ${LIGHTHOUSE} ended with ${status}`)
    }
  }
  say('Lighthouse')
  const addresses = pages.map(({ path }) => url + path)
  const order = JSON.stringify({ chromium: flags.chromium, cookie, addresses })
  const scores = JSON.parse(run([join(LIGHTHOUSE, 'scores.js'), order])) as Score[]
  return pages.flatMap(({ name }, index) =>
    CATEGORIES.map((category) =>
      least(`Lighthouse ${category}, ${name}`, 'points', scores[index]?.[category] ?? 0, 95)
    )
  )
}

async function measurePage(context: BrowserContext, path: string, name: string) {
  say(name)
  const cookie = await cookieOf(context)
  const times: number[] = []
  let html = ''
  for (let request = 0; request < Number(flags.requests); request++) {
    const from = performance.now()
    const answer = await fetch(url + path, { headers: { cookie } })
    html = await answer.text()
    times.push(performance.now() - from)
    if (answer.status !== 200) {
      throw new Error(`${path} answered ${answer.status}`)
    }
  }
  const paints: number[] = []
  const shifts: number[] = []
  let scripts = 0
  for (let load = 0; load < LOADS; load++) {
    const seen = await open(context, path)
    paints.push(seen.paint)
    shifts.push(seen.shift)
    scripts = seen.scripts
  }
  times.sort((one, other) => one - other)
  return [
    limit(`HTML, ${name}`, 'KB', kilobytes(html), 60),
    limit(`JS before a click, ${name}`, 'KB', scripts, 60),
    limit(`HTML p95, ${name}`, 'ms', times[Math.ceil(times.length * 0.95) - 1] ?? 0, 150),
    limit(`LCP, ${name}`, 'ms', median(paints), 1200),
    limit(`CLS, ${name}`, 'points', Math.max(...shifts), 0.02),
  ]
}

/** One load in the browser: largest paint in ms, layout shift, KB of scripts. */
async function open(context: BrowserContext, path: string) {
  const page = await context.newPage()
  const bodies: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') {
      bodies.push(response.body())
    }
  })
  await page.goto(url + path, { waitUntil: 'load' })
  await wait(500)
  const seen = (await page.evaluate(`new Promise((resolve) => {
    const seen = { paint: 0, shift: 0 }
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntries()) seen.paint = startTime
    }).observe({ type: 'largest-contentful-paint', buffered: true })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += entry.hadRecentInput ? 0 : entry.value
    }).observe({ type: 'layout-shift', buffered: true })
    setTimeout(() => resolve(seen), 200)
  })`)) as { paint: number; shift: number }
  const scripts = (await Promise.all(bodies)).reduce((sum, body) => sum + kilobytes(body), 0)
  await page.close()
  return { ...seen, scripts }
}

async function signIn(context: BrowserContext, email: string, password: string) {
  const page = await context.newPage()
  await page.goto(`${url}/login`)
  await page.fill('#email', email)
  await page.fill('#password', password)
  await page.click('button[type=submit]:has-text("Sign in")')
  await page.waitForURL((at) => at.pathname !== '/login')
  await page.close()
}

/** The last working day of the first person of the demo, after the reason was given. */
async function dayWithData(context: BrowserContext, until: string): Promise<string> {
  const page = await context.newPage()
  await page.goto(`${url}/search?q=${encodeURIComponent(data ? 'person 0002' : 'dana')}`)
  const person = await page.locator('a[href^="/people/"]').first().getAttribute('href')
  const days = `${person?.split('/').slice(0, 3).join('/')}/days`
  for (let back = 0; back < 7; back++) {
    const date = new Date(Date.parse(until) - back * 86_400_000).toISOString().slice(0, 10)
    await page.goto(`${url}${days}/${date}`)
    if (await page.locator('#purpose').count()) {
      await page.fill('#purpose', 'measuring the page')
      await page.click('button:has-text("Show the page")')
      await page.waitForSelector('#day')
    }
    if (await page.locator('#day a.shot').count()) {
      await page.close()
      return `${days}/${date}`
    }
  }
  throw new Error('The demo has no day with screenshots')
}

/** Lists show pictures of others once one said why. */
async function giveReasonForPictures(context: BrowserContext) {
  const page = await context.newPage()
  await page.goto(`${url}/screenshots`)
  if (await page.locator('#purpose').count()) {
    await page.fill('#purpose', 'measuring the page')
    await page.click('button:has-text("Show them")')
    await page.waitForSelector('a.shot')
  }
  await page.close()
}

function run(command: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) {
    throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-1000)}`)
  }
  return stdout
}

async function answers() {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`${url}/health/ready`).catch(() => null)
    if (answer?.ok) {
      return
    }
    await wait(100)
  }
  throw new Error(`The server did not start: ${readFileSync(join(folder, 'server.log'), 'utf8')}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  return free
}
