import { closed, text, whole } from '#contract/fields'
import vine from '@vinejs/vine'

const number = () => whole(1, 2_147_483_647)

/** What a person's token may do: look, and change. */
export const ABILITIES = ['read', 'write'] as const

/** A token of one's own. It ends after `expires_in_days`, at most two years. */
export const tokenValidator = vine.create(
  closed({
    name: text(120),
    abilities: vine.array(vine.enum(ABILITIES)).minLength(1).maxLength(ABILITIES.length).distinct(),
    expires_in_days: whole(1, 731).optional(),
  })
)

/** An enrolment code: for whom, for which site, for how long and how many computers. */
export const newCodeValidator = vine.create(
  closed({
    site: vine
      .string()
      .maxLength(64)
      .regex(/^[a-z0-9_-]+$/)
      .optional(),
    name: text(120).optional(),
    person_id: number().optional(),
    ttl_minutes: whole(1, 43_200).optional(),
    uses: whole(1, 10_000).optional(),
  })
)

const managers = () => vine.array(number()).maxLength(100).distinct()

export const teamValidator = vine.create(
  closed({ name: text(120), manager_ids: managers().optional() })
)

export const teamChangeValidator = vine.create(
  closed({ name: text(120).optional(), manager_ids: managers().optional() })
)
