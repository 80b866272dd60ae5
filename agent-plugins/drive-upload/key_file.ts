import { createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { Unavailable } from '@worksight/agent-core'

/** The two fields of a service account's key that sign in. */
export type ServiceAccountKey = { readonly client_email: string; readonly private_key: string }

/** The folder that holds this plugin and the others; a key in it would be packed with them. */
const HOME = resolve(import.meta.dirname, '../..')

/**
 * Reads the key of a service account. Throws `Unavailable`, with a sentence: `permission` for a file that
 * others than its owner can read, for one inside a checkout (it would be committed, packed or backed up)
 * and for one that this account cannot read; `unavailable` for none and for what is no key.
 */
export function readKeyFile(path: string): ServiceAccountKey {
  const found = isAbsolute(path) ? statSync(path, { throwIfNoEntry: false }) : undefined
  if (found === undefined || !found.isFile()) {
    throw refused('unavailable', 'the absolute path of a key file', `"${path}"`)
  }
  const file = realpathSync(path)
  if (isInCheckout(file)) {
    throw refused('permission', 'a key file outside every checkout, for example in /etc', file)
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8)
    const expected = `a key file that its owner alone can read (chmod 600 ${file})`
    throw refused('permission', expected, `mode ${mode}`)
  }
  return keyOf(textOf(file), file)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw refused('permission', 'a key file that this account can read', file, { cause })
  }
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
    throw refused('unavailable', 'a key file of JSON', file) // what JSON.parse says would quote the key
  }
  const { client_email: account, private_key: secret } = key ?? {}
  if (typeof account !== 'string' || typeof secret !== 'string' || !canSign(secret)) {
    throw refused('unavailable', 'the JSON key of a service account', file)
  }
  return { client_email: account, private_key: secret }
}

function canSign(secret: string): boolean {
  try {
    return createPrivateKey(secret).asymmetricKeyType === 'rsa'
  } catch {
    return false // what OpenSSL says of it helps nobody
  }
}

function refused(
  state: Unavailable['state'],
  expected: string,
  found: string,
  options?: ErrorOptions
): Unavailable {
  const text = `drive-upload.credentialsPath: expected ${expected}, found ${found}`
  return new Unavailable(state, text, options)
}
