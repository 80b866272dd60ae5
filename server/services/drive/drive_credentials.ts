import { DiskError } from '#services/storage/disk'
import { readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'

/** The two fields of a service account's key that sign in. */
export type ServiceAccountKey = { readonly client_email: string; readonly private_key: string }

/**
 * Reads the key of a service account. Refused, each with a sentence: a file that others than its owner
 * can read, one inside the checkout (it would be committed, packed or backed up), and what is no key.
 */
export async function readKeyFile(path: string, checkout: string): Promise<ServiceAccountKey> {
  const file = resolve(path)
  const found = await stat(file).catch(() => null)
  if (!found?.isFile()) {
    throw refused(`There is no key file at ${file}`)
  }
  const inside = relative(await realpath(checkout), await realpath(file))
  if (!inside.startsWith('..') && !isAbsolute(inside)) {
    throw refused(`The key file ${file} is inside the checkout: move it out, for example to /etc`)
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8)
    throw refused(`The key file ${file} can be read by others (mode ${mode}): chmod 600 ${file}`)
  }
  return keyOf(await readFile(file, 'utf8'), file)
}

function keyOf(text: string, file: string): ServiceAccountKey {
  let key: Partial<ServiceAccountKey> | null = null
  try {
    key = JSON.parse(text) as Partial<ServiceAccountKey>
  } catch (cause) {
    throw refused(`The key file ${file} is not JSON`, cause)
  }
  if (typeof key?.client_email !== 'string' || typeof key.private_key !== 'string') {
    throw refused(`The file ${file} is no key of a service account: download one as JSON`)
  }
  return { client_email: key.client_email, private_key: key.private_key }
}

function refused(message: string, cause?: unknown) {
  return new DiskError('E_DISK_REFUSED', 'google-drive', { message, cause })
}
