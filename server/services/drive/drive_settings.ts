import { readSetting, writeSetting } from '#services/storage/settings'
import env from '#start/env'
import encryption from '@adonisjs/core/services/encryption'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

const KEY = 'google_drive'

/** What is kept of the settings page; secrets are encrypted. */
export type StoredDrive = {
  readonly folder_id?: string
  readonly key_file?: string
  readonly client_id?: string
  readonly client_secret?: string
  readonly refresh_token?: string
}

export type DriveCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'service account'; readonly keyFile: string }
  | {
      readonly kind: 'user'
      readonly clientId: string
      readonly clientSecret: string
      readonly refreshToken: string
    }

export type DriveSettings = {
  readonly credential: DriveCredential
  /** A shared drive or a folder; null is the root of the user's own Drive. */
  readonly folderId: string | null
  /** Where an emulator stands for Google; null is Google itself. */
  readonly baseUrl: string | null
}

export async function storedDrive(): Promise<StoredDrive> {
  return (await readSetting<StoredDrive>(KEY)) ?? {}
}

/** What holds: the settings page where it says something, the environment where it does not. */
export async function driveSettings(): Promise<DriveSettings> {
  const stored = await storedDrive()
  return {
    credential: credentialOf(stored),
    folderId: stored.folder_id ?? env.get('GOOGLE_DRIVE_FOLDER_ID') ?? null,
    baseUrl: driveBaseUrl(),
  }
}

export function driveBaseUrl(): string | null {
  return env.get('GOOGLE_DRIVE_BASE_URL')?.replace(/\/+$/, '') ?? null
}

/** A person's Drive where one is connected, else the key of a service account. */
function credentialOf(stored: StoredDrive): DriveCredential {
  const client = oauthClientOf(stored)
  const refreshToken = revealed(stored.refresh_token)
  if (client && refreshToken) {
    return { kind: 'user', ...client, refreshToken }
  }
  const keyFile = stored.key_file ?? env.get('GOOGLE_DRIVE_CREDENTIALS_PATH')
  return keyFile ? { kind: 'service account', keyFile } : { kind: 'none' }
}

/** The client of Google's OAuth that connects a person's Drive; null where none is set up. */
export function oauthClientOf(stored: StoredDrive) {
  const clientId = stored.client_id ?? env.get('GOOGLE_DRIVE_CLIENT_ID')
  const clientSecret =
    revealed(stored.client_secret) ?? env.get('GOOGLE_DRIVE_CLIENT_SECRET')?.release()
  return clientId && clientSecret ? { clientId, clientSecret } : null
}

/** Changes what is kept; what is undefined stays, what is null goes. Secrets are given in clear. */
export async function saveDrive(
  trx: TransactionClientContract,
  changes: Readonly<Partial<Record<keyof StoredDrive, string | null>>>
) {
  const stored: Record<string, string> = { ...(await readSetting<StoredDrive>(KEY, trx)) }
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) {
      delete stored[key]
    } else if (value !== undefined) {
      stored[key] = SECRETS.includes(key) ? encryption.encrypt(value) : value
    }
  }
  await writeSetting(KEY, stored, trx)
}

const SECRETS = ['client_secret', 'refresh_token']

function revealed(secret: string | undefined): string | null {
  return secret ? encryption.decrypt<string>(secret) : null
}
