import { DriveClient } from '#services/drive/drive_client'
import type { DriveSettings } from '#services/drive/drive_settings'
import { DriveServer, SERVICE_ACCOUNT } from '#services/testing/drive_server'
import env from '#start/env'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type DriveWorld = {
  readonly drive: DriveServer
  readonly client: DriveClient
  readonly settings: DriveSettings
  stop(): Promise<void>
}

/** A stand-in for Google, a key file as it must be, and a client that does not wait between tries. */
export async function driveWorld(): Promise<DriveWorld> {
  const drive = await DriveServer.start()
  const folder = await mkdtemp(join(tmpdir(), 'worksight-key-'))
  const keyFile = join(folder, 'key.json')
  await writeFile(keyFile, JSON.stringify(SERVICE_ACCOUNT), { mode: 0o600 })
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
    async stop() {
      await drive.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
