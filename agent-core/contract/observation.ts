import { instant, uuid, whole } from './fields.ts'
import { LIMITS } from './limits.ts'

/**
 * What every observation carries, whatever its kind.
 *
 * - `id`: UUIDv7 made by the agent; with the agent it is the key that makes a re-send harmless.
 * - `seq`: 1, 2, 3 … per agent over all kinds; a hole on the server is something that is missing.
 * - `captured_at`: when it was observed, UTC.
 * - `utc_offset_minutes`: the machine's offset from UTC at that moment.
 * - `policy_version`: the policy in force; 0 while there is none.
 */
export const observationFields = () => ({
  id: uuid(),
  seq: whole(1, LIMITS.seq),
  captured_at: instant(),
  utc_offset_minutes: whole(-840, 840),
  policy_version: whole(0, 2_147_483_647),
})

export type ObservationFields = {
  readonly id: string
  readonly seq: number
  readonly captured_at: string
  readonly utc_offset_minutes: number
  readonly policy_version: number
}
