import type { Readable } from 'node:stream'

/** Where bytes of pictures and recordings can stand. */
export const DISKS = ['local', 's3', 'google-drive'] as const
export type DiskName = (typeof DISKS)[number]

export function isDiskName(name: unknown): name is DiskName {
  return DISKS.includes(name as DiskName)
}

/** What a disk is told of a file that it is to keep. */
export type Placement = {
  /** The id of the observation: one id is one file. */
  readonly id: string
  readonly kind: 'screenshot' | 'recording'
  readonly agentId: number
  readonly site: string
  /** The name of the person, or of the computer where nobody is known. */
  readonly person: string
  /** Milliseconds since 1970, UTC. */
  readonly capturedAt: number
  readonly mediaType: string
  readonly bytes: number
  readonly sha256: string
}

/** Bytes from `start` to `end`, both included. */
export type ByteRange = { readonly start: number; readonly end: number }

/** What a file is as it stands there now. */
export type StoredFacts = { readonly bytes: number; readonly sha256: string }

export type ListedFile = {
  readonly key: string
  readonly bytes: number
  /** When it was written, in milliseconds since 1970. */
  readonly writtenAt: number
}

/** One step of a check: what was looked at, and the sentence that says what was found or what to do. */
export type CheckStep = {
  readonly step: string
  readonly isOk: boolean
  readonly sentence: string
}

/** A place for files. What fails throws a DiskError. */
export interface StorageDisk {
  readonly name: DiskName
  /**
   * Keeps the file at `path` durably and returns its key. The same id again leaves one file; the
   * source stays where it is.
   */
  put(path: string, placement: Placement, signal?: AbortSignal): Promise<string>
  /** Size and SHA-256 of what stands there, read or asked for now; null when there is nothing. */
  facts(key: string): Promise<StoredFacts | null>
  exists(key: string): Promise<boolean>
  /** The bytes, whole or of a range. Throws E_DISK_MISSING when there is nothing. */
  read(key: string, range?: ByteRange): Promise<Readable>
  /** Removes a file; one that is gone already is fine. */
  remove(key: string): Promise<void>
  /** Everything of this server that stands there. */
  list(): AsyncGenerator<ListedFile>
  /** Tries the disk in small steps, up to the first that fails. */
  check(): AsyncGenerator<CheckStep>
}

const SENTENCES = {
  E_DISK_AWAY: 'cannot be reached at the moment',
  E_DISK_FULL: 'has no room left',
  E_DISK_REFUSED: 'refuses this server',
  E_DISK_MISSING: 'has no such file',
} as const
export type DiskErrorCode = keyof typeof SENTENCES

/**
 * A disk did not do what it was asked to. The code names what to do: E_DISK_AWAY try again later,
 * E_DISK_FULL stop and show, E_DISK_REFUSED change the settings, E_DISK_MISSING nothing will bring it.
 */
export class DiskError extends Error {
  readonly code: DiskErrorCode
  readonly disk: DiskName
  /** Seconds to wait, where the disk said so. */
  readonly retryAfter: number | null

  constructor(
    code: DiskErrorCode,
    disk: DiskName,
    options: { message?: string; cause?: unknown; retryAfter?: number | null } = {}
  ) {
    super(options.message ?? `The disk "${disk}" ${SENTENCES[code]}`, { cause: options.cause })
    this.name = code
    this.code = code
    this.disk = disk
    this.retryAfter = options.retryAfter ?? null
  }
}
