import { randomBytes } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentRuntime } from '@worksight/agent-core'
import { anEvent, aRecording, temporaryFolder } from '@worksight/agent-core/testing'
import { SERVICE_ACCOUNT } from '@worksight/agent-core/testing/drive_emulator'
import { pluginContract, type Cleanup } from '@worksight/agent-core/testing/plugin_contract'
import { DriveUpload } from './main.ts'

const expected = 'a multiple of 256 from 256 to 65536'

pluginContract({
  name: 'drive-upload',
  make: (options) => new DriveUpload(options, { env: {} }),
  wrong: [
    { options: { chunkKib: 0 }, named: 'chunkKib', expected },
    { options: { chunkKib: 300 }, named: 'chunkKib', expected },
    { options: { chunkKib: '256' }, named: 'chunkKib', expected },
    { options: { chunkKib: 131_072 }, named: 'chunkKib', expected },
    {
      options: { credentials: 'nobody' },
      named: 'credentials',
      expected: 'one of server, agent',
    },
    { options: { credentials: 'agent' }, named: 'credentialsPath', expected: 'the absolute path' },
    {
      options: { credentials: 'agent', credentialsPath: '/etc/key.json' },
      named: 'folderId',
      expected: 'the id of a shared drive',
    },
    {
      options: { credentials: 'agent', credentialsPath: 'key.json', folderId: 'x' },
      named: 'credentialsPath',
      expected: 'the absolute path of a key file',
    },
  ],
  missing: [
    {
      what: 'nothing to send',
      make: () => new DriveUpload({}, { env: {} }),
      state: 'idle',
      reason: /^Nothing to send yet$/,
    },
    {
      what: 'no key file',
      make: () => withKey('/nonexistent/key.json'),
      state: 'unavailable',
      reason:
        /credentialsPath: expected the absolute path of a key file, found "\/nonexistent\/key/,
    },
    {
      what: 'a key file that others can read',
      make: async (cleanup) => withKey(await keyFile(cleanup, 0o644)),
      state: 'permission',
      reason:
        /expected a key file that its owner alone can read \(chmod 600 \S+\), found mode 644$/,
    },
    {
      what: 'a key file that holds no key',
      make: async (cleanup) => withKey(await keyFile(cleanup, 0o600, '{}')),
      state: 'unavailable',
      reason: /expected the JSON key of a service account/,
    },
    {
      what: 'no network to Google',
      make: async (cleanup) => withKey(await keyFile(cleanup, 0o600)),
      work: recorded,
      state: 'degraded',
      reason: /^Google Drive cannot be written to: .*ECONNREFUSED/,
    },
    {
      what: 'no network to the server',
      make: () => new DriveUpload({}, { env: {} }),
      async work(agent, server) {
        await server.stop()
        await recorded(agent)
      },
      state: 'degraded',
      reason: /^The server does not say where files go: .*ECONNREFUSED/,
    },
  ],
})

/** The plugin with a key of its own, and a Google that nobody serves. */
function withKey(path: string): DriveUpload {
  const env = { GOOGLE_DRIVE_BASE_URL: 'http://127.0.0.1:9' }
  const world = { env, wait: async () => undefined }
  return new DriveUpload({ credentials: 'agent', credentialsPath: path, folderId: 'x' }, world)
}

async function keyFile(
  cleanup: Cleanup,
  mode: number,
  text = JSON.stringify(SERVICE_ACCOUNT)
): Promise<string> {
  const { path, remove } = await temporaryFolder()
  cleanup(remove)
  const file = join(path, 'key.json')
  await writeFile(file, text)
  await chmod(file, mode)
  return file
}

/** Puts a file into the spool that goes to Drive. */
async function recorded(agent: AgentRuntime): Promise<void> {
  const bytes = randomBytes(1000)
  await agent.keep(anEvent(agent.spool, aRecording(bytes)), bytes)
}
