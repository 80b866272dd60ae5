import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContext, type Cookie, type Page } from 'playwright'
import { findProgram } from '#services/first_run/virtual_display'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const RUN_AXE = `axe.run().then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))`

/** Puts a theme on as the server does, and waits until every colour has arrived. */
const wear = (theme: string) => `(async () => {
  const { documentElement: root } = document
  root.classList.remove('light', 'dark')
  root.classList.add('${theme}')
  root.dataset.theme = '${theme}'
  await new Promise((resolve) => requestAnimationFrame(resolve))
  document.getAnimations().forEach((animation) => animation.finish())
})()`

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Cookies of those who signed in at a server before, by its address and theirs. */
const signedIn = new Map<string, Cookie[]>()

/** Debian's Chromium; no browser is ever downloaded. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: findProgram('chromium') ?? undefined, args: FLAGS })
}

/**
 * Somebody at a browser, who notes what a page must not do: errors in the console, reports of the
 * content policy, requests to other hosts, answers of 500 and more.
 */
export class Visitor {
  readonly page: Page
  readonly complaints: string[] = []
  readonly #base: string

  private constructor(page: Page, base: string) {
    this.page = page
    this.#base = base
    page.on('console', (message) => {
      if (message.type() === 'error') {
        this.complaints.push(`console: ${message.text()}`)
      }
    })
    page.on('pageerror', (error) => this.complaints.push(`script: ${error.message}`))
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(base)) {
        this.complaints.push(`foreign host: ${request.url()}`)
      }
    })
    page.on('response', (response) => {
      if (response.status() >= 500) {
        this.complaints.push(`${response.status()}: ${response.url()}`)
      }
    })
  }

  static async open(context: BrowserContext, base: string): Promise<Visitor> {
    return new Visitor(await context.newPage(), base)
  }

  go(path: string) {
    return this.page.goto(`${this.#base}${path}`)
  }

  /** Is somebody: through the form the first time, with the cookies of that time later. Ends at a page. */
  async signIn(email: string, password: string) {
    const key = `${this.#base} ${email}`
    const known = signedIn.get(key)
    if (known) {
      await this.page.context().addCookies(known)
      await this.go('/')
      return
    }
    await this.signInByForm(email, password)
    signedIn.set(key, await this.page.context().cookies())
  }

  async signInByForm(email: string, password: string) {
    await this.go('/login')
    await this.page.fill('#email', email)
    await this.page.fill('#password', password)
    await this.page.click('button[type=submit]:has-text("Sign in")')
    await this.page.waitForURL((url) => url.pathname !== '/login')
  }

  async theme(theme: 'light' | 'dark') {
    await this.page.context().addCookies([{ name: 'theme', value: theme, url: this.#base }])
  }

  /** What axe-core objects to on the page as it is, as `rule: element`. */
  async axe(): Promise<string[]> {
    await this.#loadAxe()
    return this.page.evaluate(RUN_AXE)
  }

  /** As `axe`, on the page in light and in dark, as `theme: rule: element`; the page then is dark. */
  async axeInBothThemes(): Promise<string[]> {
    await this.#loadAxe()
    const found: string[] = []
    for (const theme of ['light', 'dark']) {
      await this.page.evaluate(wear(theme))
      const complaints: string[] = await this.page.evaluate(RUN_AXE)
      found.push(...complaints.map((complaint) => `${theme}: ${complaint}`))
    }
    return found
  }

  async #loadAxe() {
    if (!(await this.page.evaluate('"axe" in window'))) {
      await this.page.evaluate(AXE)
    }
  }
}
