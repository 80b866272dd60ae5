import { storedValidators, uploadValidators, type Upload } from '#contract/upload'
import {
  type ApiError,
  E_CONFLICT,
  E_DRIVE_AWAY,
  E_DRIVE_FULL,
  E_INVALID,
} from '#exceptions/api_errors'
import Agent from '#models/agent'
import { findMedium } from '#services/ingest'
import type { Medium } from '#services/observation_rows'
import { storageAllowance } from '#services/storage_allowance'
import { DiskError, type Placement } from '#services/storage/disk'
import { noteFailure, noteWell } from '#services/storage/disk_state'
import { googleDrive } from '#services/storage/disks'
import { diskOfSite } from '#services/storage/settings'
import { isWhole } from '#services/drive/drive_disk'
import { abandonUpload, openUpload, uploadKey } from '#services/drive/uploads'

/** Seconds after which an agent may ask again while there is no room. */
const FULL_SECONDS = 60

/**
 * Where an agent is to send a file; null where it is to send it here. Throws E_INVALID, E_CONFLICT,
 * E_DAILY_STORAGE, E_DRIVE_FULL, E_DRIVE_AWAY.
 */
export async function startUpload(agent: Agent, body: unknown): Promise<Upload | null> {
  const { observation } = await uploadValidators[kindOf(body)].validate(body)
  const known = await findMedium(agent, observation)
  if (known && known.result !== 'duplicate') {
    throw new E_CONFLICT()
  }
  if (known || (await diskOfSite(agent.site)) !== 'google-drive') {
    return null
  }
  await storageAllowance.require(agent.id, observation.bytes)
  return onDrive(async () => {
    const { client } = await googleDrive()
    const { key, session } = await openUpload(client, await placementOf(agent, observation))
    return { disk: 'google-drive', key, session, bytes: observation.bytes }
  })
}

/**
 * The description of a file that an agent stored by itself, and its key: checked on the Drive, where it
 * must be what was described, whole, and made for this agent and observation. Nobody without a
 * credential can say so of a file; an agent that has one of its own opens its sessions by itself.
 * Throws E_INVALID, field `stored.key`.
 */
export async function checkStored(agent: Agent, kind: Medium['kind'], body: unknown) {
  const { observation, stored } = await storedValidators[kind].validate(body)
  const known = await findMedium(agent, observation)
  if (known) {
    return { observation, key: stored.key, known }
  }
  const given = await uploadKey({ agentId: agent.id, id: observation.id })
  const isGiven = given === stored.key
  if (!isGiven && (given !== null || (await diskOfSite(agent.site)) !== 'google-drive')) {
    throw new E_INVALID('This key was not given for this observation', { field: 'stored.key' })
  }
  await onDrive(async () => {
    const { client } = await googleDrive()
    const file = await client.find(stored.key)
    const isOwn =
      file?.properties.ws === observation.id && file.properties.ws_agent === String(agent.id)
    if (!file || !isOwn || !isWhole(file, observation)) {
      if (isGiven) {
        await abandonUpload({ agentId: agent.id, id: observation.id }) // the next has another key
      }
      throw new E_INVALID('The file is not there whole, as it was described', {
        field: 'stored.key',
      })
    }
  })
  return { observation, key: stored.key, known: null }
}

/** Names what Google answered as an answer of this server, and notes how the disk is. */
export async function onDrive<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    const result = await ask()
    await noteWell('google-drive')
    return result
  } catch (error) {
    if (!(error instanceof DiskError)) {
      throw error
    }
    await noteFailure(error)
    throw answerOf(error)
  }
}

function answerOf(cause: DiskError): ApiError {
  return cause.code === 'E_DISK_FULL'
    ? Object.assign(new E_DRIVE_FULL(undefined, { cause }), { retryAfter: FULL_SECONDS })
    : Object.assign(new E_DRIVE_AWAY(undefined, { cause }), { retryAfter: cause.retryAfter })
}

function kindOf(body: unknown): Medium['kind'] {
  const { observation } = (body ?? {}) as { observation?: { kind?: unknown } }
  const kind = observation?.kind
  if (kind !== 'screenshot' && kind !== 'recording') {
    throw new E_INVALID('Only screenshots and recordings have a file', {
      field: 'observation.kind',
    })
  }
  return kind
}

async function placementOf(agent: Agent, medium: Medium): Promise<Placement> {
  const { person } = await Agent.query().where('id', agent.id).preload('person').firstOrFail()
  return {
    id: medium.id,
    kind: medium.kind,
    agentId: agent.id,
    site: agent.site,
    person: person?.fullName ?? agent.name,
    capturedAt: Date.parse(medium.captured_at),
    mediaType: medium.media_type,
    bytes: medium.bytes,
    sha256: medium.sha256,
  }
}
