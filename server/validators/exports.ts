import vine from '@vinejs/vine'

/** Of whom, and for another person than oneself why. */
export const exportValidator = vine.create({
  person_id: vine.number().withoutDecimals().positive().max(2_147_483_647),
  purpose: vine.string().trim().minLength(4).maxLength(200).optional(),
})
