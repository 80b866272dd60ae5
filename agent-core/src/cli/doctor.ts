import { readFile, statfs, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { arch, platform, release } from 'node:os'
import type { Command } from 'commander'
import { ApiClient } from '../api_client.ts'
import { askAgent } from '../control.ts'
import type { Site } from '../define_site.ts'
import { AgentError, asError } from '../errors.ts'
import { shownIdentity } from '../identity.ts'
import { LOG_FILES } from '../logger.ts'
import { timeZone } from '../machine.ts'
import type { Check, Plugin } from '../plugin.ts'
import { VERSION } from '../runtime.ts'
import { sessionOf } from '../session.ts'
import type { Context } from './context.ts'
import { columns, size } from './output.ts'
import { putRight } from './put_right.ts'
import type { Does } from './program.ts'

type DoctorFlags = { readonly bundle?: string; readonly fix?: boolean }

const ANSWER_MS = 10_000
const PROBE_MS = 20_000
/** A clock further off than this makes times on the dashboard wrong, in milliseconds. */
const SKEW_MS = 60_000
const LEAST_FREE_BYTES = 1_000_000_000
const LOG_TAIL_BYTES = 200_000
const EXIT = { capture: 6, degraded: 7, configuration: 8 } as const

/** `doctor`: looks at everything that the agent needs, and says what to do. Only `--fix` changes anything. */
export function doctorCommand(program: Command, does: Does): void {
  program
    .command('doctor')
    .description('looks at everything the agent needs')
    .option('--fix', 'puts right what is safe: folders, modes, left-overs, a stale lock')
    .option('--bundle <file>', 'writes what was found to a file, redacted, after listing it')
    .action(does((context, flags: DoctorFlags) => doctor(context, flags)))
}

async function doctor(context: Context, { bundle, fix }: DoctorFlags): Promise<number> {
  const fixed = fix === true ? await putRight(context) : []
  fixed.forEach((line) => context.out.say(`fixed  ${line}`))
  const site = await siteOr(context)
  const checks =
    'found' in site
      ? [versionCheck(), site]
      : [
          versionCheck(),
          { name: 'site', status: 'ok', found: `"${site.name}" is valid` } as const,
          ...(await serverChecks(context, site)),
          noticeCheck(context, site),
          sessionCheck(),
          ...(await pluginChecks(site.plugins)),
          await diskCheck(context),
          await spoolCheck(context),
          await processCheck(context),
        ]
  const parts = { checks, fixed, exit: exitOf(checks) }
  context.out.data(columns(checks.map((check) => rowOf(context, check))), parts)
  if (bundle !== undefined) {
    await writeBundle(context, bundle, parts)
  }
  return parts.exit
}

/** The worst of what was found, as an exit code. */
export function exitOf(checks: readonly Check[]): number {
  const failed = checks.filter(({ status }) => status === 'fail')
  if (failed.some(({ means }) => means === 'configuration')) {
    return EXIT.configuration
  }
  if (failed.some(({ means }) => means === 'capture')) {
    return EXIT.capture
  }
  return checks.some(({ status }) => status !== 'ok') ? EXIT.degraded : 0
}

async function siteOr(context: Context): Promise<Site | Check> {
  try {
    return await context.site()
  } catch (error) {
    const help = error instanceof AgentError ? error.help : 'Correct the site file.'
    return {
      name: 'site',
      status: 'fail',
      found: asError(error).message,
      help,
      means: 'configuration',
    }
  }
}

function versionCheck(): Check {
  const isNew = Number(process.versions.node.split('.')[0]) >= 24
  return {
    name: 'version',
    status: isNew ? 'ok' : 'fail',
    found: `worksight-agent ${VERSION}, Node ${process.versions.node}, ${platform()} ${release()} ${arch()}, ${timeZone()}`,
    ...(isNew ? {} : { help: 'Install Node 24 or newer.', means: 'configuration' as const }),
  }
}

async function serverChecks(context: Context, site: Site): Promise<readonly Check[]> {
  let identity
  try {
    identity = context.identities.identity()
  } catch (error) {
    const { message } = asError(error)
    const help = error instanceof AgentError ? error.help : 'Enrol again.'
    return [{ name: 'identity', status: 'fail', found: message, help, means: 'configuration' }]
  }
  if (identity === null) {
    const help = 'Enrol with: worksight-agent enrol'
    return [{ name: 'identity', status: 'fail', found: 'Not enrolled', help }]
  }
  const api = new ApiClient({
    server: identity.server,
    allowInsecureHttp: site.allowInsecureHttp,
  })
  const startedAt = performance.now()
  const about = { etag: null, waitSeconds: 0 }
  const answer = await api
    .configuration(about, identity, AbortSignal.timeout(ANSWER_MS))
    .finally(() => api.close())
  const ms = Math.round(performance.now() - startedAt)
  const skew = api.clockSkewMs
  const who = `${identity.name}, agent ${identity.agentId}`
  if (answer.status === 'failed') {
    const isToken = answer.reason.startsWith('401')
    return [
      { name: 'identity', status: 'ok', found: who },
      {
        name: isToken ? 'token' : 'server',
        status: 'fail',
        found: `${identity.server}: ${answer.reason}`,
        help: isToken
          ? 'The token is not known there any more: enrol again. Nothing in the spool is lost.'
          : 'Check the address and the network; what is recorded waits in the spool.',
      },
      ...clockCheck(skew),
    ]
  }
  return [
    { name: 'identity', status: 'ok', found: who },
    { name: 'server', status: 'ok', found: `${identity.server} answered in ${ms} ms` },
    { name: 'token', status: 'ok', found: 'known there' },
    ...clockCheck(skew),
  ]
}

function clockCheck(skewMs: number | null): readonly Check[] {
  if (skewMs === null) {
    return []
  }
  const seconds = Math.round(skewMs / 1000)
  const isOff = Math.abs(skewMs) > SKEW_MS
  return [
    {
      name: 'clock',
      status: isOff ? 'warn' : 'ok',
      found: seconds === 0 ? 'as the server has it' : `${seconds} s ahead of the server`,
      ...(isOff ? { help: 'Let the system set its clock from a time server.' } : {}),
    },
  ]
}

function noticeCheck(context: Context, site: Site): Check {
  let known
  try {
    known = context.policyOf(site)
  } catch (error) {
    const help = error instanceof AgentError ? error.help : 'Enrol again.'
    return { name: 'notice', status: 'warn', found: asError(error).message, help }
  }
  const { isAcknowledged, pending, notice, policy } = known
  if (isAcknowledged && pending === null) {
    const found = `version ${notice.version} is acknowledged, policy ${policy.version} holds`
    return { name: 'notice', status: 'ok', found }
  }
  return {
    name: 'notice',
    status: 'warn',
    found:
      pending === null
        ? 'not acknowledged: only heartbeats are sent'
        : `policy ${pending.version} waits to be acknowledged, ${policy.version} holds until then`,
    help: 'Read it with: worksight-agent notice. Then: worksight-agent acknowledge',
  }
}

function sessionCheck(): Check {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  const display = [DISPLAY, WAYLAND_DISPLAY].filter(Boolean).join(', ')
  const session = sessionOf(process.platform, process.env)
  return {
    name: 'session',
    status: 'ok',
    found: display === '' ? session : `${session}, display ${display}`,
  }
}

async function pluginChecks(plugins: readonly Plugin[]): Promise<readonly Check[]> {
  const found: Check[] = []
  for (const plugin of plugins) {
    try {
      const checks = (await plugin.doctor?.(AbortSignal.timeout(PROBE_MS))) ?? []
      found.push(...checks.map((check) => ({ ...check, name: `${plugin.name}: ${check.name}` })))
    } catch (error) {
      found.push({
        name: plugin.name,
        status: 'fail',
        found: asError(error).message,
        help: 'See: worksight-agent logs --level error',
      })
    }
  }
  return found
}

async function diskCheck(context: Context): Promise<Check> {
  const folder = existsSync(context.dataDir) ? context.dataDir : join(context.dataDir, '..')
  try {
    const { bavail, bsize } = await statfs(folder)
    const isLow = bavail * bsize < LEAST_FREE_BYTES
    return {
      name: 'disk',
      status: isLow ? 'warn' : 'ok',
      found: `${size(bavail * bsize)} free for ${context.dataDir}`,
      ...(isLow ? { help: 'Make room: below 1 GB nothing is captured.' } : {}),
    }
  } catch (error) {
    return { name: 'disk', status: 'warn', found: asError(error).message }
  }
}

async function spoolCheck(context: Context): Promise<Check> {
  const { scan } = await context.readSpool()
  const dead = scan.dead.length + scan.quarantined.length
  const bytes = scan.queue.reduce((sum, entry) => sum + entry.size, 0)
  return {
    name: 'spool',
    status: dead > 0 ? 'warn' : 'ok',
    found: `${scan.queue.length} waiting, ${size(bytes)}, ${dead} dead letters`,
    ...(dead > 0 ? { help: 'See: worksight-agent dead list' } : {}),
  }
}

async function processCheck(context: Context): Promise<Check> {
  const isRunning = (await askAgent(context.dataDir, { verb: 'status' })) !== null
  return isRunning
    ? { name: 'agent', status: 'ok', found: 'runs' }
    : { name: 'agent', status: 'warn', found: 'does not run', help: 'worksight-agent run' }
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const

function rowOf(context: Context, { name, status, found, help }: Check): string[] {
  const mark = context.out.paint(COLOURS[status], status.padEnd(4))
  return [mark, name, help === undefined ? found : `${found}. ${help}`]
}

/** What a bundle holds: nothing a person wrote or saw, no token, no picture. */
async function writeBundle(context: Context, file: string, parts: object): Promise<void> {
  const identity = context.identities.identity()
  const status = await askAgent(context.dataDir, { verb: 'status' })
  const bundle = {
    doctor: parts,
    identity: identity && shownIdentity(identity),
    status: status === null ? null : withoutLink(status.value),
    log: await logTail(join(context.logDir, LOG_FILES.name)),
  }
  const text = `${JSON.stringify(bundle, null, 2)}\n`
  const lines = Object.entries(bundle).map(
    ([name, value]) => `  ${name.padEnd(10)}${size(JSON.stringify(value).length)}`
  )
  context.out.say(`${file} gets:\n${lines.join('\n')}\nNo token, no picture, no title of a window.`)
  await writeFile(file, text, { mode: 0o600 })
}

/** The address of the local page holds the secret of this start. */
function withoutLink(status: unknown): unknown {
  const { trust, ...rest } = status as { trust?: Record<string, unknown> }
  return { ...rest, trust: { ...trust, page: typeof trust?.page === 'string' ? 'open' : null } }
}

async function logTail(path: string): Promise<readonly unknown[]> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  return text
    .slice(-LOG_TAIL_BYTES)
    .split('\n')
    .flatMap((line) => parsed(line))
}

function parsed(line: string): readonly unknown[] {
  try {
    return [JSON.parse(line)]
  } catch {
    return [] // the first line is cut, the last one may be
  }
}
