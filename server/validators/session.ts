import vine from '@vinejs/vine'

/** The sign-in form. */
export const credentialsValidator = vine.create({
  email: vine.string().email().maxLength(254),
  password: vine.string().minLength(1).maxLength(256),
})
