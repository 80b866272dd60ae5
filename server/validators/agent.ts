import { closed, text, whole } from '#contract/fields'
import vine from '@vinejs/vine'

/** An agent made by hand. */
export const agentValidator = vine.create(
  closed({
    name: text(120),
    site: text(64),
    host: text(255).optional(),
    platform: text(32).optional(),
    person_id: whole(1, 2_147_483_647).optional(),
  })
)
