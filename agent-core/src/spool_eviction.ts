import type { EvictionCause } from '../contract/eviction.ts'
import type { ObservationKind } from './observation.ts'
import type { Unnumbered } from './spool.ts'
import type { SpoolEntry } from './spool_scan.ts'

/** What may be given up when a spool is full, in this order. What is not named is never evicted. */
const EVICTABLE: readonly ObservationKind[] = ['recording', 'screenshot']

/** What a full spool may give up, first victim first: the oldest recordings, then the oldest screenshots. */
export function victimsOf(entries: Iterable<SpoolEntry>): readonly SpoolEntry[] {
  const all = [...entries]
  return EVICTABLE.flatMap((kind) =>
    all.filter((entry) => entry.kind === kind).sort((one, other) => one.seq - other.seq)
  )
}

/** What a tombstone says beside the item that it stands for. */
export type TombstoneFields = Pick<
  Unnumbered,
  'id' | 'captured_at' | 'utc_offset_minutes' | 'policy_version'
> & { readonly cause: EvictionCause }

/** The event that tells the server of an item which will never come. */
export function tombstoneOf(entry: SpoolEntry, fields: TombstoneFields): Unnumbered {
  return {
    kind: 'eviction',
    evicted_id: entry.id,
    evicted_seq: entry.seq,
    evicted_kind: entry.kind,
    evicted_captured_at: entry.capturedAt,
    bytes: entry.bytes,
    ...fields,
  }
}
