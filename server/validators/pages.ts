import vine from '@vinejs/vine'

const number = () => vine.number().withoutDecimals().positive().max(2_147_483_647)

/** Filters of the list of agents. */
export const agentFilterValidator = vine.create({
  q: vine.string().maxLength(120).nullable().optional(),
  presence: vine.enum(['online', 'offline', 'never', 'revoked']).nullable().optional(),
})

/** Filters and page of the screenshots. */
export const screenshotFilterValidator = vine.create({
  agent: number().nullable().optional(),
  day: vine
    .string()
    .regex(/^20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/)
    .nullable()
    .optional(),
  cursor: vine
    .string()
    .regex(/^\d{1,16}_[0-9a-f-]{36}$/)
    .optional(),
})

/** The form that makes an enrolment code. */
export const enrolmentCodeValidator = vine.create({
  person_id: number().nullable().optional(),
  name: vine.string().maxLength(120).nullable().optional(),
  site: vine
    .string()
    .maxLength(64)
    .regex(/^[a-z0-9_-]+$/),
})

export const waitingValidator = vine.create({ waiting: number().optional() })

export const themeValidator = vine.create({ theme: vine.enum(['light', 'dark']) })

export const beforeValidator = vine.create({
  before: vine.number().withoutDecimals().positive().optional(),
})
