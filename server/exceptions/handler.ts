import {
  ApiError,
  E_DATABASE_AWAY,
  E_INVALID,
  E_NOT_FOUND,
  E_NOT_MIGRATED,
  E_PURPOSE_REQUIRED,
  E_STORAGE_AWAY,
  E_STORAGE_FULL,
  E_TOO_LARGE,
  E_TOO_MANY_REQUESTS,
} from '#exceptions/api_errors'
import type { ErrorAnswer } from '#contract/answers'
import { isDatabaseAway, MIGRATE } from '#services/database_errors'
import { isUnmigrated } from '#services/migrations'
import { DiskError } from '#services/storage/disk'
import { ExceptionHandler, type HttpContext } from '@adonisjs/core/http'
import app from '@adonisjs/core/services/app'
import type { HttpError, StatusPageRange, StatusPageRenderer } from '@adonisjs/core/types/http'
import { randomUUID } from 'node:crypto'

/** Seconds after which a client may ask again when the database is away. */
const RETRY_AFTER_SECONDS = 5

/** What a form brought and is never shown again. */
const SECRETS = ['_csrf', '_method', 'password', 'current', 'code', 'client_secret']

/** What is wrong with one field. */
type Complaint = { readonly field: string | null; readonly message: string }

/** What is sent when even the error page cannot be made. */
const LAST_RESORT =
  '<!doctype html><title>WorkSight</title><h1>Something went wrong</h1><p>Try again in a moment.</p>'

/** Turns every failure into an answer: JSON for the API, a page for a person; with an id that is in the log. */
export default class HttpExceptionHandler extends ExceptionHandler {
  protected debug = app.inDev

  protected renderStatusPages = true

  protected statusPages: Record<StatusPageRange, StatusPageRenderer> = {
    '403': (error, ctx) => this.#page(ctx, '403', error),
    '404': (error, ctx) => this.#page(ctx, '404', error),
    '419': (error, ctx) => this.#page(ctx, '419', error),
    '429': (error, ctx) => this.#page(ctx, '429', error),
    // a range that holds a page of its own would take its place, like below
    '400..402': (error, ctx) => this.#page(ctx, 'refused', error),
    '405..418': (error, ctx) => this.#page(ctx, 'refused', error),
    '420..428': (error, ctx) => this.#page(ctx, 'refused', error),
    '430..499': (error, ctx) => this.#page(ctx, 'refused', error),
    // a range that holds 503 would take its place, wherever it stands
    '500..502': (error, ctx) => this.#page(ctx, '500', error),
    '503': (error, ctx) => this.#page(ctx, '503', error),
    '504..599': (error, ctx) => this.#page(ctx, '500', error),
  }

  async handle(error: unknown, ctx: HttpContext) {
    const known = await recognise(error)
    if (isApi(ctx)) {
      return this.#answer(known, ctx)
    }
    if (known instanceof E_PURPOSE_REQUIRED && ctx.request.url().startsWith('/media/')) {
      return ctx.response.status(known.status).send('')
    }
    if (known instanceof E_INVALID && isForm(ctx)) {
      return this.#showAgain(error, known, ctx)
    }
    try {
      return await super.handle(known, ctx)
    } catch (failure) {
      await super.report(failure, ctx)
      const { status } = describe(known)
      ctx.response.status(status).type('text/html').send(LAST_RESORT)
    }
  }

  async report(error: unknown, ctx: HttpContext) {
    return super.report(await recognise(error), ctx)
  }

  #answer(error: unknown, { request, response }: HttpContext) {
    const { status, ...body } = describe(error)
    const answer: ErrorAnswer = { error: { ...body, id: request.id() ?? randomUUID() } }
    if (status === 401) {
      response.header('WWW-Authenticate', 'Bearer realm="worksight"')
    }
    sayWhen(response, error, status)
    response.status(status).json(answer)
  }

  /** Leads back to the form with what was typed, and with what is wrong beside each field. */
  #showAgain(error: unknown, known: E_INVALID, { response, session }: HttpContext) {
    const found = (error as { messages?: readonly Complaint[] }).messages ?? [known]
    const problems: Record<string, string[]> = {}
    for (const { field, message } of found) {
      problems[field ?? ''] = [...(problems[field ?? ''] ?? []), plainly(field, message)]
    }
    session.flashExcept(SECRETS)
    session.flash('inputErrorsBag', problems)
    response.redirect('back', true)
  }

  #page({ view, request, response }: HttpContext, name: string, error: HttpError) {
    sayWhen(response, error, error.status)
    view.share({ theme: request.plainCookie('theme', undefined, false) ?? '' })
    const wait = retryAfterSeconds(error, error.status)
    return view.render(`pages/errors/${name}`, { id: request.id(), error, wait, migrate: MIGRATE })
  }
}

/** Whether a page sent a form that one can be led back to. */
function isForm({ request, session }: HttpContext): boolean {
  const isLook = ['GET', 'HEAD'].includes(request.method())
  return !isLook && Boolean(session) && Boolean(request.header('referer')) && !isFragment(request)
}

/** `The time_zone field must be defined` says `The time zone is needed`. */
function plainly(field: string | null, message: string): string {
  const name = (field ?? '').replaceAll('_', ' ')
  return message
    .replace(`The ${field} field`, `The ${name}`)
    .replace(`The selected ${field}`, `The ${name}`)
    .replace('must be defined', 'is needed')
}

function isFragment(request: HttpContext['request']): boolean {
  return Boolean(request.header('hx-request'))
}

function isApi({ request }: HttpContext) {
  return request.url().startsWith('/api')
}

/** Names what drivers and the framework throw as one of ours, where it is one. */
async function recognise(error: unknown): Promise<unknown> {
  return (await isUnmigrated(error))
    ? new E_NOT_MIGRATED(undefined, { cause: error })
    : nameOf(error)
}

function nameOf(error: unknown): unknown {
  if (error instanceof ApiError || !(error instanceof Error)) {
    return error
  }
  const { code } = error as { code?: string }
  if (code === 'E_ROUTE_NOT_FOUND') {
    return new E_NOT_FOUND(undefined, { cause: error })
  }
  if (code === 'E_VALIDATION_ERROR') {
    const [first] = (error as unknown as { messages: { field: string; message: string }[] })
      .messages
    return new E_INVALID(first?.message, { field: first?.field || null, cause: error })
  }
  if (code === 'E_REQUEST_ENTITY_TOO_LARGE') {
    return new E_TOO_LARGE(undefined, { cause: error })
  }
  if (code === 'E_TOO_MANY_REQUESTS') {
    return Object.assign(new E_TOO_MANY_REQUESTS(undefined, { cause: error }), {
      retryAfter: (error as { response?: { availableIn?: number } }).response?.availableIn,
    })
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return new E_INVALID('The body is nested too deeply', { field: 'body', cause: error })
  }
  if (error instanceof URIError) {
    const options = { field: 'headers', cause: error }
    return new E_INVALID('A header is not percent-encoded as it should be', options)
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new E_STORAGE_FULL(undefined, { cause: error })
  }
  if (error instanceof DiskError) {
    return error.code === 'E_DISK_MISSING'
      ? new E_NOT_FOUND('The file is missing on the disk where it stood', { cause: error })
      : new E_STORAGE_AWAY(undefined, { cause: error })
  }
  if (isDatabaseAway(error)) {
    return new E_DATABASE_AWAY(undefined, { cause: error })
  }
  return error
}

function describe(error: unknown) {
  if (error instanceof ApiError) {
    const { status, code, message, field, help } = error
    return { status, code: code ?? 'E_UNKNOWN', message, field, help: help ?? '' }
  }
  const { status = 500, code = '', message = '' } = error as Partial<HttpError>
  if (status >= 400 && status < 500) {
    return {
      status,
      code: code.startsWith('E_') ? code : 'E_BAD_REQUEST',
      message: message || 'The request cannot be read',
      field: 'body',
      help: 'Send a body that is well formed and of the type that its Content-Type says.',
    }
  }
  return {
    status: 500,
    code: 'E_INTERNAL',
    message: 'Something went wrong on the server',
    field: null,
    help: 'Send the same request again later. The id is in the server’s log.',
  }
}

function sayWhen(response: HttpContext['response'], error: unknown, status: number) {
  const seconds = retryAfterSeconds(error, status)
  if (seconds !== null) {
    response.header('Retry-After', String(seconds))
  }
}

function retryAfterSeconds(error: unknown, status: number): number | null {
  if (status === 503) {
    return RETRY_AFTER_SECONDS
  }
  const { retryAfter } = error as { retryAfter?: number }
  return retryAfter ?? (status === 429 ? 60 : null)
}
