import { closed, text, whole } from '#contract/fields'
import vine from '@vinejs/vine'

/** An agent made by hand. */
export const agentValidator = vine.create(
  closed({
    name: text(120),
    site: vine
      .string()
      .maxLength(64)
      .regex(/^[a-z0-9_-]+$/),
    host: text(255).optional(),
    platform: text(32).optional(),
    person_id: whole(1, 2_147_483_647).optional(),
  })
)
