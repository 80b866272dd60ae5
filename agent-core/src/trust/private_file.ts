import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { AgentError, asError, systemCode } from '../errors.ts'

/**
 * Small JSON files of the data folder that only its user can read (0600) and that are replaced as a
 * whole: a crash leaves the old one or the new one. They are read and written at once, because the
 * question whether something may be observed cannot wait.
 */

/** What `path` holds, checked by `parse`; null when there is no such file. Throws E_DAMAGED_FILE. */
export function readPrivate<Value>(path: string, parse: (value: unknown) => Value): Value | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return null
    }
    throw error
  }
  try {
    return parse(JSON.parse(text))
  } catch (cause) {
    throw new AgentError(
      'E_DAMAGED_FILE',
      `Expected ${path} to be as this agent wrote it, found: ${asError(cause).message}`,
      { cause }
    )
  }
}

/** Replaces `path` durably. */
export function writePrivate(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const half = `${path}.${process.pid}.half`
  const file = openSync(half, 'w', 0o600)
  try {
    writeSync(file, `${JSON.stringify(value, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(half, path)
}
