import { DriveClient } from '#services/drive/drive_client'
import type { DriveSettings } from '#services/drive/drive_settings'
import env from '#start/env'
import { DriveEmulator } from '@worksight/agent-core/testing/drive_emulator'

export type DriveWorld = {
  readonly drive: DriveEmulator
  readonly client: DriveClient
  readonly settings: DriveSettings
  stop(): Promise<void>
}

/** A stand-in for Google, a key file as it must be, and a client that does not wait between tries. */
export async function driveWorld(): Promise<DriveWorld> {
  const drive = await DriveEmulator.start()
  const keyFile = await drive.writeKey()
  const settings: DriveSettings = {
    credential: { kind: 'service account', keyFile },
    folderId: null,
    baseUrl: drive.url,
  }
  const names = {
    GOOGLE_DRIVE_CREDENTIALS_PATH: keyFile,
    GOOGLE_DRIVE_BASE_URL: drive.url,
  } as const
  for (const [name, value] of Object.entries(names)) {
    env.set(name as keyof typeof names, value)
  }
  return {
    drive,
    settings,
    client: new DriveClient(settings, async () => undefined),
    stop: () => drive.stop(),
  }
}
