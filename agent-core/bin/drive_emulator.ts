#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { DriveEmulator, SHARED_DRIVE } from '../testing/drive_emulator.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '4010' } } })
const drive = await DriveEmulator.start(Number(values.port))
const key = await drive.writeKey()

process.stdout
  .write(`A stand-in for Google Drive listens at ${drive.url}. What it holds is gone when it stops.

The server finds it with these settings in .env, and a restart:

  GOOGLE_DRIVE_BASE_URL=${drive.url}
  GOOGLE_DRIVE_CREDENTIALS_PATH=${key}
  GOOGLE_DRIVE_FOLDER_ID=${SHARED_DRIVE}

Then: Settings, Storage, Check; choose Google Drive for a site. "Connect a Drive" works with any
client id and secret. An agent needs no setting: the server gives it a session for each file.

What it holds, and its faults; each fault is used up by the first request that fits:

  curl ${drive.url}/emulator/state
  curl -d '{"on": "PUT /session", "status": 503}' ${drive.url}/emulator/faults
  curl -d '{"on": "PUT /session", "how": "cut", "after": 300000}' ${drive.url}/emulator/faults
  curl -d '{"limit": 1000000}' ${drive.url}/emulator/limit      ({"limit": null} makes room again)

Ctrl-C stops it.
`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void drive.stop()
  })
}
