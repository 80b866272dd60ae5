import { createHash, randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acknowledge,
  AgentRuntime,
  defineSite,
  IdentityStore,
  noticeOf,
} from '@worksight/agent-core'
import { anEvent, aRecording } from '@worksight/agent-core/testing'
import { DriveUpload } from '../main.ts'

/** What the storm is told, as JSON in its first argument. */
export type UploadStormOrder = {
  readonly dataDir: string
  readonly server: string
  readonly token: string
  /** Sizes of the files that are still to be recorded, in bytes. */
  readonly sizes: readonly number[]
  readonly giveUpMs: number
}

/** A line that the storm writes: before a file is put, after it was accepted, and at the end. */
export type UploadStormLine =
  | { readonly attempt: string; readonly sha256: string }
  | { readonly accepted: string }
  | { readonly counters: Readonly<Record<string, number>> }

const BLOCK = 1024 * 1024

/** Records files and sends them to a Drive, as a whole agent in a process that can be killed. */
async function storm(order: UploadStormOrder): Promise<void> {
  const site = defineSite({
    name: 'storm',
    plugins: [new DriveUpload({}, { env: {}, random: () => 0, wait: shortly })],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
  })
  const { server, token, dataDir } = order
  const identity = { server, token, agentId: 1, name: 'desk', site: site.name, person: null }
  new IdentityStore(dataDir).save(identity, acknowledge(noticeOf(site), 0))
  const agent = new AgentRuntime({ site, dataDir, random: () => 0 })
  await agent.start()
  for (const size of order.sizes) {
    const { path, sha256 } = await aFile(dataDir, size)
    const draft = { ...aRecording(Buffer.alloc(0)), bytes: size, sha256 }
    const item = anEvent(agent.spool, draft)
    say({ attempt: item.id, sha256 })
    const outcome = await agent.keep(item, { path })
    if (outcome.status === 'accepted') {
      say({ accepted: item.id })
    }
  }
  await agent.settled(AbortSignal.timeout(order.giveUpMs))
  say({ counters: agent.spool.counters() })
  await agent.stop()
}

/** A file of noise beside the spool. */
async function aFile(dataDir: string, size: number): Promise<{ path: string; sha256: string }> {
  const folder = join(dataDir, 'made')
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomBytes(8).toString('hex'))
  const file = await open(path, 'wx', 0o600)
  const sha256 = createHash('sha256')
  try {
    for (let left = size; left > 0; left -= BLOCK) {
      const block = randomBytes(Math.min(BLOCK, left))
      sha256.update(block)
      await file.write(block)
    }
  } finally {
    await file.close()
  }
  return { path, sha256: sha256.digest('hex') }
}

function say(line: UploadStormLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

const shortly = () => new Promise((resolve) => setTimeout(resolve, 20))

if (process.argv[1] === import.meta.filename) {
  await storm(JSON.parse(process.argv[2] ?? '') as UploadStormOrder)
}
