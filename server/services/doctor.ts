import User from '#models/user'
import { failedJobs, LATE_SECONDS, queueState } from '#services/jobs/state'
import { MIGRATE } from '#services/database_errors'
import { media } from '#services/media'
import { pendingMigrations } from '#services/migrations'
import env from '#start/env'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { statfs } from 'node:fs/promises'

export type Finding = {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was found, as half a sentence. */
  readonly found: string
  /** What to do next: a command, or words; null when there is nothing to do. */
  readonly next: string | null
}

/** Free space under which there is a warning, in bytes. */
const LITTLE_SPACE = 5_000_000_000

const ok = (check: string, found: string): Finding => ({ check, state: 'ok', found, next: null })

/** Looks at everything a server needs, and changes nothing. */
export async function examine(): Promise<Finding[]> {
  const findings = [nodeVersion(), address()]
  const database = await reach('database', 'node ace worksight:doctor', async () => {
    await db.rawQuery('select 1')
    return `${env.get('DB_CONNECTION')} answers`
  })
  findings.push(database)
  if (database.state === 'ok') {
    const migrated = await migrations()
    findings.push(migrated)
    if (migrated.state === 'ok') {
      findings.push(await owner(), await jobs())
    }
  }
  findings.push(
    await reach(
      'storage',
      `chown the folder ${env.get('STORAGE_PATH', 'storage/media')}`,
      async () => {
        await media.check()
        return `${env.get('STORAGE_PATH', 'storage/media')} can be written`
      }
    ),
    await space()
  )
  return findings
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  return major >= 24
    ? ok('node', process.versions.node)
    : {
        check: 'node',
        state: 'fail',
        found: `${process.versions.node}, 24 is needed`,
        next: 'node ace list',
      }
}

/** Off this machine, pages and tokens must not travel in clear. */
function address(): Finding {
  const url = new URL(env.get('APP_URL'))
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return url.protocol === 'https:' || isHere
    ? ok('address', url.origin)
    : {
        check: 'address',
        state: 'warn',
        found: `${url.origin} is not https, and agents refuse it`,
        next: 'set APP_URL to the https address of your proxy',
      }
}

async function reach(check: string, next: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return ok(check, await look())
  } catch (error) {
    return { check, state: 'fail', found: (error as Error).message.slice(0, 200), next }
  }
}

async function migrations(): Promise<Finding> {
  const pending = await pendingMigrations()
  return pending.length === 0
    ? ok('migrations', 'none is pending')
    : {
        check: 'migrations',
        state: 'fail',
        found: `${pending.length} are pending`,
        next: MIGRATE,
      }
}

async function owner(): Promise<Finding> {
  const found = await User.query().where('role', 'owner').whereNull('disabled_at').first()
  return found
    ? ok('owner', 'there is one')
    : {
        check: 'owner',
        state: 'fail',
        found: 'nobody owns this server yet',
        next: 'node ace user:create --email you@example.com --role owner',
      }
}

/** Jobs that gave up, which somebody has to look at. */
async function jobs(): Promise<Finding> {
  const { lag_seconds: lag } = await queueState()
  const failed = await failedJobs()
  if (lag > LATE_SECONDS) {
    const found = `${lag} s behind: nobody works on the queue`
    return { check: 'jobs', state: 'warn', found, next: 'start the server, or node ace queue:work' }
  }
  return failed.length === 0
    ? ok('jobs', 'none failed')
    : {
        check: 'jobs',
        state: 'warn',
        found: `${failed.length} given up`,
        next: 'node ace queue:failed',
      }
}

async function space(): Promise<Finding> {
  return reach('disk', 'make room', async () => {
    const { bavail, bsize } = await statfs(app.makePath())
    return `${((bavail * bsize) / 1e9).toFixed(1)} GB free`
  }).then((finding) =>
    Number.parseFloat(finding.found) * 1e9 < LITTLE_SPACE
      ? { ...finding, state: 'warn', next: 'make room, or shorten retention' }
      : finding
  )
}
