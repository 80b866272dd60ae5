import vine from '@vinejs/vine'

/** The form that asks for a pause. */
export const pauseValidator = vine.create({
  minutes: vine.number().withoutDecimals().range([1, 1440]),
})

/** What a person asks for: that something is corrected, or erased. */
export const subjectRequestValidator = vine.create({
  kind: vine.enum(['correction', 'erasure']),
  note: vine.string().maxLength(2000).nullable().optional(),
})

/** What was decided on a request. */
export const decisionValidator = vine.create({
  decision: vine.enum(['approve', 'refuse']),
  answer: vine.string().maxLength(2000).nullable().optional(),
})
