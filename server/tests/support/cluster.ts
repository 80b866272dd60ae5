import { Processes, runToEnd } from '#services/first_run/processes'
import { freePort } from '#services/testing/free_port'
import { startMariadb, type Mariadb } from '#services/testing/mariadb'
import { startRedis, type Redis } from '#services/testing/redis'
import { until } from '#tests/support/world'
import app from '@adonisjs/core/services/app'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = app.makePath()

/** Two server processes on one MariaDB, with a Redis or without, as somebody would run them. */
export class Cluster {
  readonly urls: string[] = []
  readonly #processes = new Processes()
  readonly #folder: string
  #mariadb: Mariadb | null = null
  #redis: Redis | null = null

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async start({ redis }: { readonly redis: boolean }): Promise<Cluster> {
    const cluster = new Cluster(await mkdtemp(app.makePath('tmp/cluster-')))
    try {
      const databaseFolder = join(cluster.#folder, 'mariadb')
      cluster.#mariadb = await startMariadb(databaseFolder, new AbortController().signal)
      cluster.#redis = redis ? await startRedis(join(cluster.#folder, 'redis')) : null
      return cluster
    } catch (error) {
      await cluster.end()
      throw error
    }
  }

  /** Runs a command of the server; gives the document that it prints. */
  async ace<Result>(...command: string[]): Promise<Result> {
    const { code, stdout, stderr } = await runToEnd(
      [process.execPath, join(ROOT, 'ace'), ...command, '--json'],
      { cwd: ROOT, env: this.#environment(1) }
    )
    if (code !== 0) {
      throw new Error(`E_ACE: ${command[0]} ended with ${code}: ${stderr}`)
    }
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  }

  async startServers() {
    for (const name of ['one', 'two']) {
      const port = await freePort()
      this.urls.push(`http://127.0.0.1:${port}`)
      this.#processes.start(
        name,
        [process.execPath, '--import=@poppinss/ts-exec', join(ROOT, 'bin/server.ts')],
        { cwd: ROOT, env: this.#environment(port), logFile: join(this.#folder, `${name}.log`) },
        () => {}
      )
    }
    for (const url of this.urls) {
      await until(
        async () => (await fetch(`${url}/health/ready`).catch(() => null))?.ok ?? false,
        `${url} is ready`
      )
    }
  }

  async end() {
    await this.#processes.stop()
    await this.#redis?.stop()
    await this.#mariadb?.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #environment(port: number): NodeJS.ProcessEnv {
    return {
      NODE_ENV: 'production',
      APP_KEY: 'only-for-tests-0123456789abcdef',
      HOST: '127.0.0.1',
      PORT: String(port),
      APP_URL: `http://127.0.0.1:${port}`,
      LOG_LEVEL: 'warn',
      DB_CONNECTION: 'mysql',
      ...this.#mariadb?.environment,
      ...this.#redis?.environment,
      STORAGE_PATH: join(this.#folder, 'media'),
    }
  }
}

/** A browser without a screen: cookies, the token of forms, no redirects. */
export class Caller {
  #cookies = new Map<string, string>()

  async get(url: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: this.#headers(init) })
    this.#keep(answer)
    return answer
  }

  post(url: string, form: Readonly<Record<string, string>>): Promise<Response> {
    return this.get(url, { method: 'POST', body: new URLSearchParams(form) })
  }

  /** Signs in at a server; gives the answer to the form. */
  async signIn(base: string, email: string, password: string): Promise<Response> {
    await (await this.get(`${base}/login`)).text()
    return this.post(`${base}/login`, { email, password })
  }

  /** A cookie as the server set it last. */
  cookie(name: string): string {
    return this.#cookies.get(name) ?? ''
  }

  #headers(init: RequestInit): Headers {
    const headers = new Headers(init.headers)
    const cookies = [...this.#cookies].map(([name, value]) => `${name}=${value}`)
    headers.set('cookie', cookies.join('; '))
    const token = this.#cookies.get('XSRF-TOKEN')
    if (token) {
      headers.set('x-xsrf-token', decodeURIComponent(token))
    }
    return headers
  }

  #keep(answer: Response) {
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', ...value] = (line.split(';')[0] ?? '').split('=')
      this.#cookies.set(name, value.join('='))
    }
  }
}
