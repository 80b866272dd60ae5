import { PERSON_NOW } from '#models/agent'
import { NOTE_KINDS } from '#models/day_note'
import { day } from '#validators/pages'
import vine from '@vinejs/vine'

const reason = () => vine.string().trim().minLength(4).maxLength(200)

/** The page that one comes back to: an address of this server. */
const back = () =>
  vine
    .string()
    .regex(/^\/(?!\/)[\w/.?=&:%-]*$/)
    .maxLength(300)
    .optional()

const number = () => vine.number().withoutDecimals().positive().max(2_147_483_647)

/** Why one looks at a person: a sentence, so that the person understands. */
export const purposeValidator = vine.create({ purpose: reason(), back: back() })

/** Why one looks at the pictures of a list. */
export const picturePurposeValidator = vine.create({
  purpose: reason(),
  back: back(),
  agent: number().nullable().optional(),
  person: number().nullable().optional(),
})

/** Why one looks at the live wall: one reason for everybody on it. */
export const wallPurposeValidator = vine.create({ purpose: reason() })

/** How the live wall is shown. */
export const wallValidator = vine.create({
  size: vine.enum(['s', 'm', 'l']).optional(),
  team: number().optional(),
  kiosk: vine.literal('1').optional(),
})

/** In whose zone times are written. */
export const zoneViewValidator = vine.create({
  tz: vine.enum(['member', 'org', 'mine']).optional(),
})

/** A moment of a day: milliseconds, or a time on the wall. */
export const momentValidator = vine.create({
  at: vine.string().regex(/^(?:\d{10,16}|(?:[01]\d|2[0-3]):[0-5]\d)$/),
})

/** Filters and page of the people. */
export const peopleFilterValidator = vine.create({
  q: vine.string().maxLength(120).optional(),
  team: number().optional(),
  state: vine.enum(PERSON_NOW).optional(),
  after: number().optional(),
})

/** One reason for people of a list. */
export const peoplePurposeValidator = vine.create({
  purpose: reason(),
  back: back(),
  people: vine.array(number()).minLength(1).maxLength(100),
})

/** Filter and page of the recordings. */
export const recordingFilterValidator = vine.create({
  person: number().optional(),
  agent: number().optional(),
  to: day(),
  before: vine.number().withoutDecimals().positive().max(9_999_999_999_999).optional(),
})

/** What is looked for. */
export const searchValidator = vine.create({ q: vine.string().trim().maxLength(120).optional() })

/** What a person says about a day of their own; `about` is a time on the wall. */
export const dayNoteValidator = vine.create({
  kind: vine.enum(NOTE_KINDS),
  text: vine.string().trim().minLength(2).maxLength(1000),
  about: vine
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
    .nullable()
    .optional(),
})

/** The answer to what is contested. */
export const answerValidator = vine.create({
  answer: vine.string().trim().minLength(2).maxLength(1000),
})
