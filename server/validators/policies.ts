import { closed } from '#contract/fields'
import { POLICY_KEYS } from '#contract/policy'
import { POLICY_LEVELS } from '#services/policy/resolve'
import vine from '@vinejs/vine'

const number = (least: number) => vine.number().withoutDecimals().range([least, 2_147_483_647])

/** Whom a policy is for, from the address. */
export const policySubjectValidator = vine.create({
  level: vine.enum(POLICY_LEVELS),
  id: number(0),
})

/** A version to publish, or to preview. Its values are checked by the contract. */
export const policyDraftValidator = vine.create(
  closed({
    values: vine.any(),
    locked: vine.array(vine.enum(POLICY_KEYS)).distinct().optional(),
    reason: vine.string().maxLength(500).nullable().optional(),
    preview: vine.boolean({ strict: true }).optional(),
  })
)

export const explainValidator = vine.create({
  person: number(1).optional(),
  agent: number(1).optional(),
})
