import type { ObservationResult } from '#contract/answers'
import { E_INVALID } from '#exceptions/api_errors'
import type Agent from '#models/agent'
import { checkStored, onDrive } from '#services/drive/agent_uploads'
import { closeUpload } from '#services/drive/uploads'
import { findMedium, ingestMedium, mediaKeyOf } from '#services/ingest'
import { media } from '#services/media'
import type { ReceivedFile } from '#services/media_library'
import type { Medium } from '#services/observation_rows'
import { mediaKey } from '#services/storage/media_key'
import { diskOfSite } from '#services/storage/settings'
import { withCopy } from '#services/storage/stored_file'
import { storageAllowance } from '#services/storage_allowance'
import { receiveUpload } from '#services/upload'
import type { HttpContext } from '@adonisjs/core/http'

type Kind<Described extends Medium> = {
  readonly maxBytes: number
  readonly validate: (description: unknown) => Promise<Described>
  readonly kind: Described['kind']
  /** Refuses bytes that are not what the description says; of a part only what a part can show. */
  readonly compare: (described: Described, file: ComparedFile) => Promise<void>
  /** Bytes of a file stored elsewhere that are read to compare; null is all of them. */
  readonly peekBytes: number | null
}

/** A file near enough to look into: whole, or its beginning. */
export type ComparedFile = { readonly path: string; readonly isPart: boolean }

/**
 * Takes one medium in the order tmp → hash → sniff → fsync → rename → row, so that a row never
 * stands without its file. What is here already is answered without its bytes being kept again.
 */
export async function storeMedium<Described extends Medium>(
  ctx: HttpContext,
  kind: Kind<Described>
): Promise<ObservationResult> {
  const agent = ctx.auth.use('agent').getUserOrFail()
  if (ctx.request.is(['application/json']) !== null) {
    return storeReference(agent, ctx.request.body(), kind)
  }
  const { maxBytes, validate, compare } = kind
  const { description, file } = await receiveUpload(ctx, media, maxBytes)
  try {
    const described = await validate(description)
    const known = await findMedium(agent, described)
    if (known) {
      return known
    }
    checkBytes(described, file)
    await storageAllowance.require(agent.id, file.bytes)
    await compare(described, { path: file.path, isPart: false })
    return await keep(agent, described, file)
  } finally {
    await media.discard(file.path)
  }
}

/** Takes a medium whose file the agent stored by itself: its row names that disk. */
async function storeReference<Described extends Medium>(
  agent: Agent,
  body: unknown,
  { kind, compare, peekBytes }: Kind<Described>
): Promise<ObservationResult> {
  const { observation, key, known } = await checkStored(agent, kind, body)
  if (known) {
    return known
  }
  await storageAllowance.require(agent.id, observation.bytes)
  const part = peekBytes !== null && observation.bytes > peekBytes
  const file = { disk: 'google-drive', mediaKey: key } as const
  await onDrive(() =>
    withCopy(
      file,
      (path) => compare(observation as Described, { path, isPart: part }),
      part ? { start: 0, end: peekBytes - 1 } : undefined
    )
  )
  const result = await ingestMedium(agent, observation, { disk: file.disk, key, moveTo: null })
  if (result.result === 'created') {
    storageAllowance.add(agent.id, observation.bytes)
    await closeUpload({ agentId: agent.id, id: observation.id })
  }
  return result
}

function checkBytes({ sha256, bytes }: Medium, file: ReceivedFile) {
  if (file.sha256 !== sha256) {
    throw new E_INVALID('The SHA-256 of the file is not the one described', { field: 'sha256' })
  }
  if (file.bytes !== bytes) {
    throw new E_INVALID(`The file has ${file.bytes} bytes`, { field: 'bytes' })
  }
}

async function keep(agent: Agent, described: Medium, file: ReceivedFile) {
  const key = mediaKey({
    ...described,
    agentId: agent.id,
    capturedAt: Date.parse(described.captured_at),
    mediaType: described.media_type,
  })
  const disk = await diskOfSite(agent.site)
  await media.keep(file, key)
  try {
    const result = await ingestMedium(agent, described, {
      disk: 'local',
      key,
      moveTo: disk === 'local' ? null : disk,
    })
    if (result.result === 'created') {
      storageAllowance.add(agent.id, file.bytes)
    }
    if (result.result === 'conflict') {
      await removeUnlessNamed(agent, described, key)
    }
    return result
  } catch (error) {
    await removeUnlessNamed(agent, described, key)
    throw error
  }
}

/** A request beside this one may have stored the same file. */
async function removeUnlessNamed(agent: Agent, described: Medium, key: string) {
  if ((await mediaKeyOf(agent, described)) !== key) {
    await media.remove(key)
  }
}
