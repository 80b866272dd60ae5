import { DISKS } from '#services/storage/disk'
import vine from '@vinejs/vine'

/** The form of sites: each with its disk. */
export const disksValidator = vine.create({
  disks: vine
    .array(vine.object({ site: vine.string().maxLength(64), disk: vine.enum(DISKS) }))
    .maxLength(200),
})

const text = (most: number) => vine.string().trim().maxLength(most).nullable().optional()

/** The form of Google Drive. */
export const driveValidator = vine.create({
  folder_id: vine
    .string()
    .trim()
    .regex(/^[\w-]{4,128}$/)
    .nullable()
    .optional(),
  key_file: text(1024),
  client_id: text(256),
  client_secret: text(256),
})

/** What Google sends a browser back with. */
export const returnValidator = vine.create({
  state: vine.string().maxLength(128),
  code: vine.string().maxLength(2048).optional(),
})
