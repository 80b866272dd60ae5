import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { closed, flag, sha256, text, uuid, whole } from './fields.ts'
import { display } from './heartbeat.ts'
import { LIMITS } from './limits.ts'
import { observationFields } from './observation.ts'

/** Picture formats that travel and are stored. */
export const SCREENSHOT_MEDIA_TYPES = [
  'image/webp',
  'image/png',
  'image/jpeg',
  'image/avif',
] as const
export type ScreenshotMediaType = (typeof SCREENSHOT_MEDIA_TYPES)[number]

/** Why a picture is not a true look at the screen, where it is not. */
export const DEGRADED_REASONS = ['black', 'frozen', 'partial'] as const
export type DegradedReason = (typeof DEGRADED_REASONS)[number]

/**
 * The description of one picture of one display. `capture_group` joins the displays of one moment.
 * `width` and `height` are the stored picture's, `display` is where it was taken. `dhash` is the
 * 64-bit difference hash as 16 hexadecimal digits. `simulated` pictures were drawn by the agent
 * because the machine has no display. `degraded` names what is wrong with the picture, else null.
 */
export const screenshotBody = () => ({
  kind: vine.literal('screenshot'),
  capture_group: uuid(),
  display: display(),
  width: whole(1, LIMITS.screenshotSide),
  height: whole(1, LIMITS.screenshotSide),
  media_type: vine.enum(SCREENSHOT_MEDIA_TYPES),
  bytes: whole(1, LIMITS.screenshotBytes),
  sha256: sha256(),
  dhash: vine.string().regex(/^[0-9a-f]{16}$/),
  source: text(64),
  simulated: flag(),
  degraded: vine.enum(DEGRADED_REASONS).nullable(),
})

export const screenshotSchema = () => closed({ ...observationFields(), ...screenshotBody() })

/** The description of a screenshot as it travels beside its bytes. */
export type Screenshot = Infer<ReturnType<typeof screenshotSchema>>

export const screenshotValidator = vine.create(screenshotSchema())

/**
 * The screen was looked at and showed what `same_as`, the id of an earlier screenshot of that
 * display, shows: nothing was stored, and the timeline still knows that someone looked.
 */
export const unchangedScreenBody = () => ({
  kind: vine.literal('unchanged_screen'),
  capture_group: uuid(),
  display: display(),
  same_as: uuid(),
})

export const unchangedScreenSchema = () =>
  closed({ ...observationFields(), ...unchangedScreenBody() })

export type UnchangedScreen = Infer<ReturnType<typeof unchangedScreenSchema>>
