import vine from '@vinejs/vine'

/** The sign-in form. */
export const credentialsValidator = vine.create({
  email: vine.string().email().maxLength(254),
  password: vine.string().minLength(1).maxLength(256),
  /** Whether this browser stands for the password from now on. */
  remember: vine.accepted().optional(),
})
