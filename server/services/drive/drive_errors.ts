import { DiskError, type DiskErrorCode } from '#services/storage/disk'

/** What Google answered, or that it did not. */
export type DriveAnswer = {
  /** HTTP status; null when no answer came. */
  readonly status: number | null
  /** `errors[0].reason` of the body, or `error` of the token endpoint. */
  readonly reason: string | null
  /** Whether an upload session was spoken to. */
  readonly isSession: boolean
}

/**
 * What to do: `refresh` the token once, `wait` and try again, `stop` until there is room, begin a `new
 * session`, or nothing: the file is `missing`, the id is `taken`, or this server is `refused`.
 */
export type DriveVerdict =
  | 'refresh'
  | 'wait'
  | 'stop'
  | 'new session'
  | 'missing'
  | 'taken'
  | 'refused'

const RATE_LIMITS = [
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
  'sharingRateLimitExceeded',
]
const NO_ROOM = [
  'storageQuotaExceeded',
  'quotaExceeded',
  'teamDriveFileLimitExceeded',
  'numChildrenInNonRootLimitExceeded',
]

/** The table of errors: https://developers.google.com/workspace/drive/api/guides/handle-errors */
export function driveVerdict({ status, reason, isSession }: DriveAnswer): DriveVerdict {
  if (status === null || status === 408 || status === 429 || status >= 500) {
    return 'wait'
  }
  if (status === 401) {
    return 'refresh'
  }
  if (status === 403 && RATE_LIMITS.includes(reason ?? '')) {
    return 'wait'
  }
  if (status === 403 && NO_ROOM.includes(reason ?? '')) {
    return 'stop'
  }
  if (isSession && (status === 404 || status === 410)) {
    return 'new session'
  }
  if (status === 404 || status === 410) {
    return 'missing'
  }
  return status === 409 ? 'taken' : 'refused'
}

const CODES: Readonly<Record<DriveVerdict, DiskErrorCode>> = {
  'refresh': 'E_DISK_REFUSED',
  'wait': 'E_DISK_AWAY',
  'stop': 'E_DISK_FULL',
  'new session': 'E_DISK_AWAY',
  'missing': 'E_DISK_MISSING',
  'taken': 'E_DISK_REFUSED',
  'refused': 'E_DISK_REFUSED',
}

/** Google did not do what it was asked to. */
export class DriveError extends DiskError {
  readonly verdict: DriveVerdict
  readonly status: number | null
  readonly reason: string | null

  constructor(
    answer: DriveAnswer,
    options: { said?: string | null; retryAfter?: number | null; cause?: unknown } = {}
  ) {
    const verdict = driveVerdict(answer)
    const facts = [answer.status ?? 'no answer', answer.reason].filter(Boolean).join(' ')
    super(CODES[verdict], 'google-drive', {
      message: `${sentenceOf(verdict, options.said ?? null)} (${facts})`,
      retryAfter: options.retryAfter ?? null,
      cause: options.cause,
    })
    this.verdict = verdict
    this.status = answer.status
    this.reason = answer.reason
  }
}

function sentenceOf(verdict: DriveVerdict, said: string | null): string {
  switch (verdict) {
    case 'refresh':
      return 'Google does not accept the credential'
    case 'wait':
      return 'Google Drive cannot be reached, or asks to wait'
    case 'stop':
      return 'Google Drive has no room left'
    case 'new session':
      return 'The upload session is gone'
    case 'missing':
      return 'There is no such file on Google Drive'
    case 'taken':
      return 'A file with this id is on Google Drive already'
    case 'refused':
      return said ? `Google Drive refuses: ${said.slice(0, 200)}` : 'Google Drive refuses'
  }
}

/** The seconds of a `Retry-After`, from a number or a date; null where there is none. */
export function retryAfterOf(value: string | null, now = Date.now()): number | null {
  if (!value) {
    return null
  }
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}
