import { ROLES } from '#models/user'
import vine from '@vinejs/vine'
import { IANAZone } from 'luxon'
import type { FieldContext } from '@vinejs/vine/types'

const number = () => vine.number().withoutDecimals().positive().max(2_147_483_647)

const zoneRule = vine.createRule((value: unknown, _: undefined, field: FieldContext) => {
  if (typeof value === 'string' && !IANAZone.isValidZone(value)) {
    field.report('The time zone must be one of the IANA list, such as Europe/Berlin', 'zone', field)
  }
})

const zone = () => vine.string().maxLength(64).use(zoneRule(undefined))

const name = () => vine.string().minLength(1).maxLength(120)

/** Length alone makes a password strong; nothing else is asked of it. */
const password = () => vine.string().minLength(12).maxLength(256)

/** The form of an account. */
export const accountValidator = vine.create({
  email: vine.string().email().maxLength(254),
  name: name(),
  role: vine.enum(ROLES),
  team: number().nullable().optional(),
  time_zone: zone(),
})

/** The address of an account, typed once more before it is deleted. */
export const accountDeletionValidator = vine.create({
  confirm: vine.string().minLength(1).maxLength(254),
})

/** Filters of the list of accounts. */
export const accountFilterValidator = vine.create({
  q: vine.string().maxLength(120).nullable().optional(),
  team: number().nullable().optional(),
  role: vine.enum(ROLES).nullable().optional(),
  state: vine.enum(['active', 'invited', 'disabled', 'asked']).nullable().optional(),
  page: number().nullable().optional(),
})

export const profileValidator = vine.create({ name: name(), time_zone: zone() })

export const passwordValidator = vine.create({
  current: vine.string().minLength(1).maxLength(256),
  password: password(),
})

export const newPasswordValidator = vine.create({ password: password() })

/** What an invited person fills in. */
export const invitationValidator = vine.create({
  name: name(),
  time_zone: zone(),
  password: password(),
})

export const forgottenValidator = vine.create({ email: vine.string().email().maxLength(254) })

export const codeValidator = vine.create({ code: vine.string().minLength(6).maxLength(40) })

export const teamValidator = vine.create({ name: name() })

/** Who joins a team, and as what. */
export const membershipValidator = vine.create({
  person: number(),
  as: vine.enum(['member', 'manager']),
})

export const tokenValidator = vine.create({
  name: name(),
  days: vine.number().withoutDecimals().range([1, 366]),
})

export const agentEditValidator = vine.create({
  name: name(),
  person: number().nullable().optional(),
})

/** Empty fields are left out by `filled`. */
export const organisationValidator = vine.create({
  name: name().nullable().optional(),
  time_zone: zone().nullable().optional(),
})

export const securityValidator = vine.create({
  roles: vine.array(vine.enum(ROLES)).maxLength(ROLES.length).optional(),
})
