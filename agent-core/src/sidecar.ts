import { crc32 } from 'node:zlib'
import { AgentError } from './errors.ts'
import type { Observation } from './observation.ts'
import { isUuid } from './uuid.ts'

/** Version of the sidecar's form. */
const SCHEMA = 1

/** Most bytes a sidecar can have; what is larger was not written by a spool. */
export const MOST_SIDECAR_BYTES = 512 * 1024

/** Why an item is a dead letter. Times are RFC 3339. */
export type Death = {
  readonly code: string
  readonly reason: string
  readonly field: string | null
  readonly attempts: number
  readonly died_at: string
}

/** The description of one spooled item: what was observed, and what its payload must be. */
export type Sidecar = {
  readonly observation: Observation
  /** Size of the payload; 0 when there is none. */
  readonly bytes: number
  /** SHA-256 of the payload; null when there is none. */
  readonly sha256: string | null
  /** Only on a dead letter. */
  readonly death: Death | null
}

/** The sidecar as one line of JSON that ends in a checksum over all before it. */
export function encodeSidecar(sidecar: Sidecar): Buffer {
  return Buffer.from(sealed({ schema: SCHEMA, ...sidecar }))
}

/**
 * Reads a sidecar back. `id` is what the file's name says. Throws E_CORRUPT_ITEM when a bit is
 * wrong, bytes are missing, or it is some other file.
 */
export function decodeSidecar(bytes: Uint8Array, id: string): Sidecar {
  const value = unsealed(Buffer.from(bytes).toString('utf8'))
  if (!isSidecar(value)) {
    throw new AgentError(
      'E_CORRUPT_ITEM',
      'Expected a sidecar whose checksum fits, found other bytes'
    )
  }
  if (value.observation.id !== id) {
    throw new AgentError(
      'E_CORRUPT_ITEM',
      `Expected the sidecar of ${id}, found that of ${value.observation.id}`
    )
  }
  return {
    observation: value.observation,
    bytes: value.bytes,
    sha256: value.sha256,
    death: value.death,
  }
}

/** An object as JSON whose last key is the CRC-32 of the text without it. */
export function sealed(value: Record<string, unknown>): string {
  const text = JSON.stringify(value)
  return `${text.slice(0, -1)},"crc":"${checksum(text)}"}\n`
}

/** The object of a sealed text, or null when the seal does not fit. */
export function unsealed(text: string): unknown {
  const match = /^(.*),"crc":"([0-9a-f]{8})"\}\n$/s.exec(text)
  if (match === null) {
    return null
  }
  const plain = `${match[1]}}`
  return checksum(plain) === match[2] ? JSON.parse(plain) : null
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function isSidecar(value: unknown): value is Sidecar & { schema: number } {
  if (typeof value !== 'object' || value === null) {
    return false
  }
  const { schema, observation, bytes, sha256 } = value as Partial<Sidecar> & { schema?: unknown }
  return (
    schema === SCHEMA &&
    typeof observation === 'object' &&
    observation !== null &&
    isUuid(String(observation.id)) &&
    Number.isSafeInteger(observation.seq) &&
    observation.seq >= 1 &&
    Number.isSafeInteger(bytes) &&
    (sha256 === null || typeof sha256 === 'string')
  )
}
