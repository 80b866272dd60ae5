import type { DriveClient } from '#services/drive/drive_client'
import { DriveError } from '#services/drive/drive_errors'
import type { CheckStep } from '#services/storage/disk'
import { EXIT } from '#services/exit'
import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NO_SPACE =
  'A service account has no storage of its own. Use a shared drive (and share it with the account as Content manager), or connect the Drive of a person, or delegate the account to a user of your domain.'

/** Where the step before has found a shared drive. */
const SHARED_FULL =
  'The shared drive is full: its organisation has no room left, or it holds as many files as it may. Make room, or shorten retention.'

/** Looks at a Drive, step by step, up to the first that fails. The last writes one byte and deletes it. */
export async function* checkDrive(client: DriveClient): AsyncGenerator<CheckStep> {
  const { credential, folderId } = client.settings
  const isServiceAccount = credential.kind === 'service account'
  const steps: readonly [string, () => Promise<CheckStep['sentence'] | Fault>][] = [
    [
      'credential',
      async () => {
        await client.readCredential()
        return isServiceAccount ? 'The key file can be read.' : 'A Drive is connected.'
      },
    ],
    [
      'token',
      async () => {
        await client.signIn()
        return 'Google gave a token.'
      },
    ],
    [
      'folder',
      async () => {
        const { name, canWrite } = await client.root()
        return canWrite
          ? `The folder "${name}" can be reached.`
          : new Fault(`The folder "${name}" can be read, not written: share it as Content manager.`)
      },
    ],
    [
      'room',
      async () => {
        const { isShared } = await client.root()
        if (isShared) {
          return 'It stands on a shared drive, which belongs to the organisation.'
        }
        if (isServiceAccount) {
          return new Fault(NO_SPACE)
        }
        const { used, limit } = await client.quota()
        return limit !== null && used >= limit
          ? new Fault(`The Drive is full: ${gigabytes(used)} of ${gigabytes(limit)} are used.`)
          : `${gigabytes(used)}${limit === null ? '' : ` of ${gigabytes(limit)}`} are used.`
      },
    ],
    [
      'write and delete one byte',
      async () => {
        await writeOneByte(client)
        return 'One byte was written and deleted.'
      },
    ],
  ]
  for (const [step, look] of steps) {
    const found = await attempt(look, { isServiceAccount, folderId })
    yield found instanceof Fault
      ? { step, isOk: false, sentence: found.sentence }
      : { step, isOk: true, sentence: found }
    if (found instanceof Fault) {
      return
    }
  }
}

class Fault {
  readonly sentence: string

  constructor(sentence: string) {
    this.sentence = sentence
  }
}

async function attempt(
  look: () => Promise<string | Fault>,
  facts: { readonly isServiceAccount: boolean; readonly folderId: string | null }
): Promise<string | Fault> {
  try {
    return await look()
  } catch (error) {
    return new Fault(adviceOn(error, facts))
  }
}

function adviceOn(
  error: unknown,
  { isServiceAccount, folderId }: { isServiceAccount: boolean; folderId: string | null }
): string {
  if (!(error instanceof DriveError)) {
    return `${(error as Error).message}.`
  }
  switch (error.verdict) {
    case 'refresh':
      return isServiceAccount
        ? 'Google does not accept the key: it was deleted, or the clock of this server is wrong. Make a new key.'
        : 'Google does not accept the connection any more: connect the Drive again.'
    case 'missing':
      return `There is no folder "${folderId ?? 'root'}" for this account: check its id, and share it with the account.`
    case 'stop':
      return isServiceAccount ? SHARED_FULL : 'The Drive is full: make room, or shorten retention.'
    case 'wait':
      return 'Google cannot be reached, or asks to wait: check the network and proxy of this server, and try again.'
    default:
      return `${error.message}.`
  }
}

async function writeOneByte(client: DriveClient) {
  const folder = await mkdtemp(join(tmpdir(), 'worksight-check-'))
  const path = join(folder, 'byte')
  const id = await client.newId()
  try {
    await writeFile(path, 'x')
    const session = await client.startSession({
      id,
      name: 'worksight-check',
      folder: await client.folder([]),
      mediaType: 'text/plain',
      bytes: 1,
      properties: { ws_app: 'check' },
    })
    await client.send(session, path, 1)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await client.remove(id)
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}

/** What a command ends with: refused, unreachable, full, or well. */
export function exitOf(steps: readonly CheckStep[]): number {
  const last = steps.at(-1)
  if (!last || last.isOk) {
    return EXIT.ok
  }
  if (/cannot be reached/.test(last.sentence)) {
    return EXIT.unreachable
  }
  return last.step === 'room' || /full|no storage/.test(last.sentence)
    ? EXIT.diskFull
    : EXIT.refused
}
