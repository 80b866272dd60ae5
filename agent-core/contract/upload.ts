import vine from '@vinejs/vine'
import { closed, text } from './fields.ts'
import { recordingSchema, type Recording } from './recording.ts'
import { screenshotSchema, type Screenshot } from './screenshot.ts'

/** Disks that an agent sends bytes to by itself, over a session that the server opened. */
export const UPLOAD_DISKS = ['google-drive'] as const
export type UploadDisk = (typeof UPLOAD_DISKS)[number]

/**
 * Body of `POST /api/uploads`: the description of one file, as it travels beside bytes. The same
 * observation asked for again gets the same key, and a new session where the old one is gone.
 */
export const uploadValidators = {
  screenshot: vine.create(closed({ observation: screenshotSchema() })),
  recording: vine.create(closed({ observation: recordingSchema() })),
} as const

export type UploadRequest = { readonly observation: Screenshot | Recording }

/** Where one file goes. */
export type Upload = {
  readonly disk: UploadDisk
  /** The id of the file on that disk, made before its first byte was sent. */
  readonly key: string
  /**
   * Address of the resumable session: whoever has it may write this one file, and nothing else. Null
   * when the whole file is there already, after a lost answer: then only the reference is to be sent.
   */
  readonly session: string | null
  /** Bytes of the whole file. */
  readonly bytes: number
}

/**
 * Answer of `POST /api/uploads`. 201 with an upload; 200 with null when the media of this agent's site
 * are stored by the server itself: then the bytes go to it. 507 E_DRIVE_FULL and 503 E_DRIVE_AWAY keep
 * the file where it is; both carry `Retry-After`.
 */
export type UploadAnswer = { readonly upload: Upload | null }

/** Names a file that stands on a disk already. */
export const storedFile = () => closed({ disk: vine.enum(UPLOAD_DISKS), key: text(128) })
export type StoredFile = { readonly disk: UploadDisk; readonly key: string }

/**
 * JSON bodies of `POST /api/screenshots` and `/api/recordings`, in the place of bytes: the file was
 * stored under the key that `POST /api/uploads` gave, or by an agent with a credential of its own, under
 * any key, with the properties `ws` (the observation's id) and `ws_agent`. Answered as bytes are: 201, 200, 409; 422 with
 * field `stored.key` for a key of something else, and for a file that is not there whole.
 */
export const storedValidators = {
  screenshot: vine.create(closed({ observation: screenshotSchema(), stored: storedFile() })),
  recording: vine.create(closed({ observation: recordingSchema(), stored: storedFile() })),
} as const

export type StoredReference = UploadRequest & { readonly stored: StoredFile }
