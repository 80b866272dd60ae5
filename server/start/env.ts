/*
|--------------------------------------------------------------------------
| Environment variables
|--------------------------------------------------------------------------
|
| Read from the process and from `.env` at the root, checked at boot: what is
| missing or wrong stops the start and is named.
|
*/
import { weaknessOfKey } from '#services/app_key'
import { Env } from '@adonisjs/core/env'
import { Exception } from '@adonisjs/core/exceptions'

const env = await Env.create(new URL('../../', import.meta.url), {
  NODE_ENV: Env.schema.enum(['development', 'production', 'test'] as const),
  HOST: Env.schema.string({ format: 'host' }),
  PORT: Env.schema.number(),
  APP_KEY: Env.schema.secret(),
  APP_URL: Env.schema.string({ format: 'url', tld: false }),
  LOG_LEVEL: Env.schema.string(),
  LOG_FILE: Env.schema.string.optional(),

  /** `sqlite` is the embedded default of the first run, `mysql` (MySQL, MariaDB) is production. */
  DB_CONNECTION: Env.schema.enum(['sqlite', 'mysql'] as const),
  SQLITE_FILE: Env.schema.string.optional(),
  DB_HOST: Env.schema.string.optional(),
  DB_PORT: Env.schema.number.optional(),
  DB_USER: Env.schema.string.optional(),
  DB_PASSWORD: Env.schema.string.optional(),
  DB_DATABASE: Env.schema.string.optional(),

  /** Where pictures and recordings are kept. */
  STORAGE_PATH: Env.schema.string.optional(),

  /** Pictures and recordings are sealed under it on this server's disk; keep it elsewhere than they are. */
  MEDIA_KEY: Env.schema.secret.optional(),

  /** The disk of sites that chose none in the settings. */
  STORAGE_DISK: Env.schema.enum.optional(['local', 's3', 'google-drive'] as const),

  /** A bucket of Amazon S3, or of what speaks its language. */
  S3_BUCKET: Env.schema.string.optional(),
  S3_REGION: Env.schema.string.optional(),
  S3_ENDPOINT: Env.schema.string.optional({ format: 'url', tld: false }),
  S3_FORCE_PATH_STYLE: Env.schema.boolean.optional(),
  S3_ACCESS_KEY_ID: Env.schema.string.optional(),
  S3_SECRET_ACCESS_KEY: Env.schema.secret.optional(),

  /** The key of a service account: a file of mode 0600, outside the checkout. */
  GOOGLE_DRIVE_CREDENTIALS_PATH: Env.schema.string.optional(),
  /** A shared drive, or a folder in it. */
  GOOGLE_DRIVE_FOLDER_ID: Env.schema.string.optional(),
  /** Instead of a key: a client of Google's OAuth, with which a person connects a Drive. */
  GOOGLE_DRIVE_CLIENT_ID: Env.schema.string.optional(),
  GOOGLE_DRIVE_CLIENT_SECRET: Env.schema.secret.optional(),
  /** Where Google is; an emulator for trying things out. */
  GOOGLE_DRIVE_BASE_URL: Env.schema.string.optional({ format: 'url', tld: false }),

  /** Bytes of pictures and recordings that one agent may send in a day (UTC); 0 is no limit. */
  STORAGE_PER_AGENT_PER_DAY: Env.schema.number.optional(),

  /** Gigabytes that pictures and recordings may have together; the oldest go until they fit. */
  RETENTION_MEDIA_GB: Env.schema.number.optional(),

  /** Days that the log of looks and changes is kept, whole days of UTC; default 365. */
  RETENTION_AUDIT_DAYS: Env.schema.number.optional(),

  /** `off`: jobs run in a process of their own, `node ace queue:work`. */
  JOBS: Env.schema.enum.optional(['on', 'off'] as const),

  /** Requests a minute of one token, and of one address without a valid one; 0 is no limit. */
  API_REQUESTS_PER_MINUTE: Env.schema.number.optional(),
  API_REFUSALS_PER_MINUTE: Env.schema.number.optional(),

  /** When there is more than one server process: Redis carries sessions, rate limits, live updates. */
  REDIS_HOST: Env.schema.string.optional({ format: 'host' }),
  REDIS_PORT: Env.schema.number.optional(),
  REDIS_USERNAME: Env.schema.string.optional(),
  REDIS_PASSWORD: Env.schema.string.optional(),
  REDIS_DB: Env.schema.number.optional(),

  /** A session ends after this long without a request, and after this long at all: `8h`, `7d`. */
  SESSION_IDLE: Env.schema.string.optional(),
  SESSION_ABSOLUTE: Env.schema.string.optional(),
})

const mediaKey = env.get('MEDIA_KEY')
const weakMediaKey = mediaKey && weaknessOfKey(mediaKey.release())
if (weakMediaKey) {
  throw new Exception(`MEDIA_KEY ${weakMediaKey}. Make one: openssl rand -base64 32`, {
    code: 'E_WEAK_MEDIA_KEY',
  })
}

const weakness = env.get('NODE_ENV') === 'production' && weaknessOfKey(env.get('APP_KEY').release())
if (weakness) {
  throw new Exception(`APP_KEY ${weakness}. Make one: node ace generate:key --show`, {
    code: 'E_WEAK_APP_KEY',
  })
}

export default env
