import { MIGRATE } from '#services/database_errors'
import { Exception } from '@adonisjs/core/exceptions'

/**
 * The catalogue of answers that are not a success. Each names the decision it forces on the caller:
 * `code` is stable, `status` is the HTTP status, `help` says what to do, `field` what is at fault.
 */
export class ApiError extends Exception {
  /** What is at fault, where the error itself says it. */
  static field: string | null = null

  readonly field: string | null

  constructor(
    message?: string,
    options: { field?: string | null; cause?: unknown; help?: string } = {}
  ) {
    super(message, { cause: options.cause })
    this.field = options.field ?? (this.constructor as typeof ApiError).field
    if (options.help) {
      this.help = options.help
    }
  }
}

export class E_UNAUTHORIZED extends ApiError {
  static status = 401
  static code = 'E_UNAUTHORIZED'
  static field = 'authorization'
  static message = 'The bearer token is missing, wrong, expired or revoked'
  static help =
    'Send "Authorization: Bearer <token>". An agent gets a new token by enrolling again; a person makes one with "node ace token:create".'
}

export class E_FORBIDDEN extends ApiError {
  static status = 403
  static code = 'E_FORBIDDEN'
  static field = 'authorization'
  static message = 'This token is valid, and not for this route'
  static help = "Agents' tokens ingest; people's tokens read what their role may see."
}

export class E_NOT_FOUND extends ApiError {
  static status = 404
  static code = 'E_NOT_FOUND'
  static message = 'There is nothing here, or nothing that you may see'
  static help = 'Check the address; ask whoever runs WorkSight if you should see it.'
}

export class E_INVALID extends ApiError {
  static status = 422
  static code = 'E_INVALID'
  static message = 'The message is not valid'
  static help = 'Correct the named field; docs/api.md describes every message.'
}

export class E_CONFLICT extends ApiError {
  static status = 409
  static code = 'E_CONFLICT'
  static message = 'This id is here already, with other content'
  static help = 'An id names one observation for ever. Make a new id for new content.'
}

export class E_ON_HOLD extends ApiError {
  static status = 409
  static code = 'E_ON_HOLD'
  static message = 'A hold keeps what was captured then'
  static help = 'Release the hold first: Settings → Holds, or node ace retention:hold --release.'
}

export class E_PURPOSE_REQUIRED extends ApiError {
  static status = 428
  static code = 'E_PURPOSE_REQUIRED'
  static field = 'x-purpose'
  static message = 'Say why you look at this person before you do; the person reads it'
  static help =
    'Send "X-Purpose: <reason>", or give a purpose on the page of the person. It holds for today.'
}

export class E_NAME_TAKEN extends ApiError {
  static status = 409
  static code = 'E_NAME_TAKEN'
  static field = 'name'
  static message = 'Another one has this name'
  static help = 'Choose another name.'
}

export class E_CODE_REFUSED extends ApiError {
  static status = 403
  static code = 'E_CODE_REFUSED'
  static message = 'This enrolment code is unknown, expired or used up'
  static help = 'Ask for a new one: "node ace agent:invite", or Agents → Enrol in the dashboard.'
}

export class E_REQUEST_REFUSED extends ApiError {
  static status = 403
  static code = 'E_REQUEST_REFUSED'
  static field = 'device_code'
  static message = 'Whoever looked at this request refused it'
  static help = 'Ask whoever runs WorkSight before you ask again.'
}

export class E_REQUEST_EXPIRED extends ApiError {
  static status = 410
  static code = 'E_REQUEST_EXPIRED'
  static field = 'device_code'
  static message = 'Nobody confirmed this request in time'
  static help = 'Ask again: the page of a code is good for ten minutes.'
}

export class E_TOO_LARGE extends ApiError {
  static status = 413
  static code = 'E_TOO_LARGE'
  static field = 'body'
  static message = 'The body is larger than this route takes'
  static help = 'Send less in one request.'
}

export class E_UNSUPPORTED_MEDIA extends ApiError {
  static status = 415
  static code = 'E_UNSUPPORTED_MEDIA'
  static message = 'The body is not of a type that this route takes'
  static help = 'Events are application/json; screenshots are multipart/form-data.'
}

export class E_TOO_MANY_REQUESTS extends ApiError {
  static status = 429
  static code = 'E_TOO_MANY_REQUESTS'
  static message = 'Too many attempts'
  static help = 'Wait as long as Retry-After says.'
}

export class E_DATABASE_AWAY extends ApiError {
  static status = 503
  static code = 'E_DATABASE_AWAY'
  static message = 'The database cannot be reached'
  static help =
    'Nothing was stored. Send the same request again after Retry-After; "node ace worksight:doctor" says what is wrong.'
}

export class E_NOT_MIGRATED extends ApiError {
  static status = 503
  static code = 'E_NOT_MIGRATED'
  static message = 'The database does not have all of its tables yet'
  static help = `Nothing was stored. Run "${MIGRATE}" on the server, and send the same request again; a restart is not needed.`
}

export class E_BUSY extends ApiError {
  static status = 503
  static code = 'E_BUSY'
  static message = 'More arrives than can be stored at the moment'
  static help = 'Nothing was stored. Send the same request again after Retry-After.'
}

export class E_DAILY_STORAGE extends ApiError {
  static status = 507
  static code = 'E_DAILY_STORAGE'
  static message = 'This agent sent as many bytes today as one agent may'
  static help =
    'Nothing was stored. Send it again after Retry-After, when the next day begins (UTC); STORAGE_PER_AGENT_PER_DAY says how much.'
}

export class E_STORAGE_FULL extends ApiError {
  static status = 507
  static code = 'E_STORAGE_FULL'
  static message = 'There is no room left for pictures'
  static help = 'Nothing was stored. Free space in STORAGE_PATH, or shorten retention.'
}

export class E_STORAGE_AWAY extends ApiError {
  static status = 503
  static code = 'E_STORAGE_AWAY'
  static message = 'The disk where this file stands cannot be reached at the moment'
  static help =
    'Try again in a moment. Settings → Storage, or "node ace storage:check", says what is wrong.'
}

export class E_DRIVE_FULL extends ApiError {
  static status = 507
  static code = 'E_DRIVE_FULL'
  static field = 'observation'
  static message = 'Google Drive has no room left'
  static help =
    'Keep the file, and ask again after Retry-After. Whoever runs WorkSight makes room on the Drive, or shortens retention.'
}

export class E_DRIVE_AWAY extends ApiError {
  static status = 503
  static code = 'E_DRIVE_AWAY'
  static field = 'observation'
  static message = 'Google Drive takes no files at the moment'
  static help =
    'Keep the file, and ask again after Retry-After. "node ace drive:check" says what is wrong.'
}

export class E_RANGE extends ApiError {
  static status = 416
  static code = 'E_RANGE'
  static field = 'range'
  static message = 'The range begins after the end of the file'
  static help = 'Content-Range says how many bytes there are.'
}
