import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { AgentError, asError } from './errors.ts'
import { readPrivate, writePrivate } from './trust/private_file.ts'

/** The authority of the server of this agent, in the data folder, where the system does not have it. */
export const AUTHORITY_FILE = 'authority.json'

/** Trusts, in this process, the authority that was kept at the enrolment. Throws E_DAMAGED_FILE. */
export function trustKeptAuthority(dataDir: string): void {
  const pem = readPrivate(join(dataDir, AUTHORITY_FILE), (value) => checked(String(value)))
  if (pem !== null) {
    trustAuthority(pem)
  }
}

/** The authority in a PEM file. Throws E_INVALID_OPTION. */
export function readAuthority(file: string): string {
  try {
    return checked(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new AgentError(
      'E_INVALID_OPTION',
      `Expected the certificate of an authority in ${file}, as PEM, found: ${asError(cause).message}`,
      { cause }
    )
  }
}

/** Trusts an authority in this process, besides those that the system trusts. */
export function trustAuthority(pem: string): void {
  setDefaultCACertificates([...getCACertificates('default'), pem])
}

/** Keeps it for as long as this machine is enrolled. */
export function keepAuthority(dataDir: string, pem: string): void {
  writePrivate(join(dataDir, AUTHORITY_FILE), pem)
}

function checked(pem: string): string {
  if (!new X509Certificate(pem).ca) {
    throw new Error('a certificate that is no authority')
  }
  return pem
}
