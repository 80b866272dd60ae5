import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { AgentError } from '@worksight/agent-core'

/** The two fields of a service account's key that sign in. */
export type ServiceAccountKey = { readonly client_email: string; readonly private_key: string }

/** The folder that holds this plugin and the others; a key in it would be packed with them. */
const HOME = resolve(import.meta.dirname, '../..')

/**
 * Reads the key of a service account. Throws E_INVALID_OPTION, with a sentence, for a file that others
 * than its owner can read, for one inside a checkout (it would be committed, packed or backed up), and
 * for what is no key.
 */
export function readKeyFile(path: string): ServiceAccountKey {
  const found = isAbsolute(path) ? statSync(path, { throwIfNoEntry: false }) : undefined
  if (found === undefined || !found.isFile()) {
    throw refused('the absolute path of a key file', `"${path}"`)
  }
  const file = realpathSync(path)
  if (isInCheckout(file)) {
    throw refused('a key file outside every checkout, for example in /etc', file)
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8)
    throw refused(`a key file that its owner alone can read (chmod 600 ${file})`, `mode ${mode}`)
  }
  return keyOf(readFileSync(file, 'utf8'), file)
}

function isInCheckout(file: string): boolean {
  const inside = relative(realpathSync(HOME), file)
  if (!inside.startsWith('..') && !isAbsolute(inside)) {
    return true
  }
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(resolve(folder, '.git'))) {
      return true
    }
    if (folder === dirname(folder)) {
      return false
    }
  }
}

function keyOf(text: string, file: string): ServiceAccountKey {
  let key: Partial<ServiceAccountKey> | null = null
  try {
    key = JSON.parse(text) as Partial<ServiceAccountKey> | null
  } catch {
    throw refused('a key file of JSON', file) // what JSON.parse says would quote the key
  }
  if (typeof key?.client_email !== 'string' || typeof key.private_key !== 'string') {
    throw refused('the JSON key of a service account', file)
  }
  return { client_email: key.client_email, private_key: key.private_key }
}

function refused(expected: string, found: string): AgentError {
  const text = `drive-upload.credentialsPath: expected ${expected}, found ${found}`
  return new AgentError('E_INVALID_OPTION', text)
}
