import { NOW } from '#models/agent'
import { HEALTH_RANGES, type HealthRange } from '#services/agent_health'
import vine from '@vinejs/vine'

const number = () => vine.number().withoutDecimals().positive().max(2_147_483_647)

/** A query string without the fields that a form sent empty: they say nothing. */
export function filled(qs: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(qs).filter(([, value]) => value !== ''))
}

/** A day as a date field sends it, or nothing. */
/** A day of the calendar, in a filter. */
export const day = () =>
  vine
    .string()
    .regex(/^20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/)
    .nullable()
    .optional()

/** Filters of the list of agents. */
export const agentFilterValidator = vine.create({
  q: vine.string().maxLength(120).nullable().optional(),
  presence: vine.enum(NOW).nullable().optional(),
})

/** How far back the health of a computer is shown. */
export const healthValidator = vine.create({
  range: vine.enum(Object.keys(HEALTH_RANGES) as HealthRange[]).optional(),
})

/** Filters and page of the screenshots. */
export const screenshotFilterValidator = vine.create({
  agent: number().nullable().optional(),
  person: number().nullable().optional(),
  from: day(),
  to: day(),
  cursor: vine
    .string()
    .regex(/^\d{1,16}_[0-9a-f-]{36}$/)
    .optional(),
})

/** Filters and page of what computers told. */
export const recordFilterValidator = vine.create({
  kind: vine
    .enum(['heartbeats', 'activities', 'gaps', 'evictions', 'deletions'])
    .nullable()
    .optional(),
  agent: number().nullable().optional(),
  from: day(),
  to: day(),
  cursor: vine
    .string()
    .regex(/^\d{1,16}_[0-9a-f-]{36}$/)
    .optional(),
})

/** Filters of the list of holds. */
export const holdFilterValidator = vine.create({
  person: number().nullable().optional(),
  state: vine.enum(['held', 'released']).nullable().optional(),
})

/** The form of a hold: days of whoever makes it, both included. */
export const holdValidator = vine.create({
  person_id: number(),
  from: day(),
  to: day(),
  reason: vine.string().trim().minLength(4).maxLength(200),
})

/** Screenshots chosen in the grid, one page of it at most, and why something is done to them. */
export const selectionValidator = vine.create({
  ids: vine.array(vine.string().uuid()).minLength(1).maxLength(480).distinct(),
  reason: vine.string().trim().minLength(4).maxLength(200),
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

/** A code that somebody read off a computer. */
export const typedCodeValidator = vine.create({
  code: vine.string().trim().maxLength(32).optional(),
})

/** The form that lets a computer in. */
export const confirmationValidator = vine.create({ person_id: number().nullable().optional() })

/** The form of an agent. */
export const agentDetailsValidator = vine.create({
  name: vine.string().minLength(1).maxLength(120),
  person_id: number().nullable().optional(),
  site: vine
    .string()
    .maxLength(64)
    .regex(/^[a-z0-9_-]+$/),
})

/** Filters of the audit log. */
export const auditFilterValidator = vine.create({
  kind: vine.enum(['look', 'change', 'sign_in']).nullable().optional(),
  actor: number().nullable().optional(),
  person: number().nullable().optional(),
  action: vine.string().maxLength(64).nullable().optional(),
  from: day(),
  to: day(),
  before: vine.number().withoutDecimals().positive().optional(),
})

export const waitingValidator = vine.create({ waiting: number().optional() })

export const themeValidator = vine.create({ theme: vine.enum(['light', 'dark', 'system']) })

export const beforeValidator = vine.create({
  before: vine.number().withoutDecimals().positive().optional(),
})
