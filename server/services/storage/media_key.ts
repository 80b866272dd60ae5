import type { Placement } from '#services/storage/disk'

type Keyed = Pick<Placement, 'kind' | 'agentId' | 'id' | 'sha256' | 'capturedAt' | 'mediaType'>

/** The key of a file on disks that name by paths. Server-made: nothing in it comes from the file's own name. */
export function mediaKey({ kind, agentId, id, sha256, capturedAt, mediaType }: Keyed): string {
  const day = new Date(capturedAt).toISOString().slice(0, 10).replaceAll('-', '/')
  const ending = mediaType.slice(mediaType.indexOf('/') + 1)
  return `${kind}s/${agentId}/${day}/${id}-${sha256.slice(0, 16)}.${ending}`
}
