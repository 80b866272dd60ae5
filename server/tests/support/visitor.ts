import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { findProgram } from '#services/first_run/virtual_display'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

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

  async signIn(email: string, password: string) {
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
  axe(): Promise<string[]> {
    return this.page.evaluate(`(() => { ${AXE};
      return axe.run().then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))
    })()`)
  }
}
