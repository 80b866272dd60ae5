import type { ObservationResult } from '#contract/answers'
import { E_INVALID } from '#exceptions/api_errors'
import type Agent from '#models/agent'
import { findMedium, ingestMedium, mediaKeyOf } from '#services/ingest'
import { media } from '#services/media'
import type { ReceivedFile } from '#services/media_library'
import type { Medium } from '#services/observation_rows'
import { mediaKey } from '#services/storage/media_key'
import { diskOfSite } from '#services/storage/settings'
import { storageAllowance } from '#services/storage_allowance'
import { receiveUpload } from '#services/upload'
import type { HttpContext } from '@adonisjs/core/http'

type Kind<Described extends Medium> = {
  readonly maxBytes: number
  readonly validate: (description: unknown) => Promise<Described>
  /** Refuses bytes that are not what the description says. */
  readonly compare: (described: Described, file: ReceivedFile) => Promise<void>
}

/**
 * Takes one medium in the order tmp → hash → sniff → fsync → rename → row, so that a row never
 * stands without its file. What is here already is answered without its bytes being kept again.
 */
export async function storeMedium<Described extends Medium>(
  ctx: HttpContext,
  { maxBytes, validate, compare }: Kind<Described>
): Promise<ObservationResult> {
  const agent = ctx.auth.use('agent').getUserOrFail()
  const { description, file } = await receiveUpload(ctx, media, maxBytes)
  try {
    const described = await validate(description)
    const known = await findMedium(agent, described)
    if (known) {
      return known
    }
    checkBytes(described, file)
    await storageAllowance.require(agent.id, file.bytes)
    await compare(described, file)
    return await keep(agent, described, file)
  } finally {
    await media.discard(file.path)
  }
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
