import { AgentError } from '../errors.ts'
import type { Picture } from '../trust/journal.ts'
import type { TrustRequest } from '../trust/trust.ts'
import { LocalServer, plain, type PageAnswer, type PageRequest } from './local_server.ts'
import { ICON, STYLE } from './style.ts'
import { pageOf, type Message, type PageView } from './view.ts'

/** What the page asks of the agent. */
export interface PageHost {
  view(): Promise<PageView>
  picture(id: string): Promise<Picture | null>
  /** Does what the person asks for. Throws an AgentError where it is refused. */
  answer(request: TrustRequest): Promise<unknown>
}

const HTML = 'text/html; charset=utf-8'
const MINUTE = 60_000

/** What happened, by the name that the address carries after a form. */
const DONE: Readonly<Record<string, string>> = {
  pause: 'Paused. Nothing is captured now.',
  private: 'Private time. Nothing is captured until you go on.',
  resume: 'It goes on.',
  exclude: 'Added. It holds from now on.',
  include: 'Removed.',
  acknowledge: 'Noted that you have read the notice.',
  withhold: 'Taken back. It was not sent; that one was taken back is counted.',
}

/** The page of the person at this machine, on loopback. It is an indicator: while it answers, all can be seen. */
export class LocalPage {
  readonly name = 'page'
  readonly #host: PageHost
  readonly #server: LocalServer

  constructor(host: PageHost) {
    this.#host = host
    this.#server = new LocalServer((request) => this.#answer(request))
  }

  isAlive(): boolean {
    return this.#server.isListening
  }

  /** The address, with the secret of this start; null while there is none. */
  get link(): string | null {
    return this.#server.link
  }

  /** As `link`, good for one visit within a minute: to be handed to another program. */
  passLink(): string | null {
    return this.#server.passLink()
  }

  open(port?: number): Promise<void> {
    return this.#server.listen(port)
  }

  close(): Promise<void> {
    return this.#server.close()
  }

  async #answer({ method, path, query, form }: PageRequest): Promise<PageAnswer> {
    if (method === 'POST') {
      return this.#act(path, form)
    }
    if (path === '') {
      const text = DONE[query.get('done') ?? '']
      return this.#page(200, text === undefined ? null : { kind: 'done', text })
    }
    if (path === 'style.css') {
      return { status: 200, type: 'text/css; charset=utf-8', body: STYLE }
    }
    if (path === 'icon.svg') {
      return { status: 200, type: 'image/svg+xml', body: ICON }
    }
    const picture = path.startsWith('pictures/')
      ? await this.#host.picture(path.slice('pictures/'.length))
      : null
    return picture === null
      ? plain(404, 'There is nothing here (any more).')
      : { status: 200, type: picture.mediaType, body: picture.data }
  }

  async #act(path: string, form: URLSearchParams): Promise<PageAnswer> {
    const request = requestOf(path, form)
    if (request === null) {
      return plain(404, 'There is nothing to do here.')
    }
    try {
      await this.#host.answer(request)
      return { status: 303, location: `./?done=${path}` }
    } catch (error) {
      if (error instanceof AgentError) {
        return this.#page(409, { kind: 'refused', text: `${error.message}. ${error.help}` })
      }
      throw error
    }
  }

  async #page(status: number, message: Message | null): Promise<PageAnswer> {
    return { status, type: HTML, body: pageOf(await this.#host.view(), message) }
  }
}

function requestOf(path: string, form: URLSearchParams): TrustRequest | null {
  const field = (name: string) => form.get(name)?.trim() || null
  const patterns = { app: field('app'), title: field('title') }
  switch (path) {
    case 'pause': {
      const minutes = Number(field('minutes'))
      const isTime = Number.isInteger(minutes) && minutes > 0 && minutes <= 24 * 60
      return isTime ? { ask: 'pause', kind: 'pause', ms: minutes * MINUTE } : null
    }
    case 'private':
      return { ask: 'pause', kind: 'private', ms: null }
    case 'resume':
      return { ask: 'resume' }
    case 'exclude':
      return { ask: 'exclude', ...patterns, reason: field('reason') }
    case 'include':
      return { ask: 'include', ...patterns }
    case 'withhold':
      return { ask: 'withhold', ids: [field('id') ?? ''] }
    case 'acknowledge':
      return { ask: 'acknowledge', sha256: field('sha256') ?? '' }
    default:
      return null
  }
}
