import type { Command } from 'commander'
import { POLICY_KEYS, type PolicyKey } from '../../contract/policy.ts'
import type { Site } from '../define_site.ts'
import { AgentError } from '../errors.ts'
import { sourcesOf } from '../options.ts'
import type { Plugin } from '../plugin.ts'
import { isBounded } from '../policy.ts'
import { boundsOf, PolicyKeeper } from '../policy_keeper.ts'
import { readSettings, settingsPath, variableOfSetting, writeSettings } from '../settings.ts'
import type { Context } from './context.ts'
import { columns } from './output.ts'
import type { Does } from './program.ts'

type SourceFlag = { readonly source?: boolean }

/** Where a value comes from, weakest first: each stands over the ones before it. */
type ValueSource = 'default' | 'site' | 'file' | 'environment' | 'policy'

type Value = {
  readonly key: string
  readonly value: unknown
  readonly source: ValueSource
  /** Whether the policy decides it, so that nothing on this machine can change it. */
  readonly locked: boolean
  /** Why the value is not what somebody asked for, or null. */
  readonly note: string | null
}

/** `config`: what is set, and who says so. */
export function configCommands(program: Command, does: Does): void {
  const config = program.command('config').description('what is set, and who says so')
  config
    .command('list', { isDefault: true })
    .description('every value')
    .option('--source', 'and where it comes from')
    .action(does((context, flags: SourceFlag) => listConfig(context, flags)))
  config
    .command('get <key>')
    .description('one value: screenshot.intervalSeconds')
    .option('--source', 'and where it comes from')
    .action(does((context, key: string, flags: SourceFlag) => getConfig(context, key, flags)))
  config
    .command('set <key> <value>')
    .description('sets an option of a plugin on this machine, from the next start on')
    .action(does((context, key: string, value: string) => setConfig(context, key, value)))
  config.command('path').description('the files it is in').action(does(configPath))
  config.command('validate').description('whether it is valid').action(does(validateConfig))
}

async function listConfig(context: Context, { source }: SourceFlag): Promise<number> {
  const values = valuesOf(context, await context.site())
  context.out.data(
    columns(values.map((value) => rowOf(value, source === true))),
    Object.fromEntries(values.map(({ key, ...rest }) => [key, source ? rest : rest.value]))
  )
  return 0
}

async function getConfig(context: Context, key: string, { source }: SourceFlag): Promise<number> {
  const value = find(valuesOf(context, await context.site()), key)
  const [, ...cells] = rowOf(value, source === true)
  context.out.data(cells.join('  ').trimEnd(), source ? value : { key, value: value.value })
  return 0
}

/** Valid before it is written: the site is loaded with it. Throws E_LOCKED, E_INVALID_OPTION. */
async function setConfig(context: Context, key: string, text: string): Promise<number> {
  const settings = { ...readSettings(context.dataDir), [key]: text }
  const variable = variableOfSetting(key)
  const isOverruled = process.env[variable] !== undefined
  if (!isOverruled) {
    process.env[variable] = text
  }
  const value = find(valuesOf(context, await context.site()), key)
  if (value.locked) {
    throw new AgentError('E_LOCKED', `Expected ${key} to be free, found it set by the policy`)
  }
  if (value.source === 'policy' || !isOption(await context.site(), key)) {
    throw new AgentError('E_UNKNOWN_SETTING', `Expected an option of a plugin, found "${key}"`)
  }
  context.makeDataDir()
  writeSettings(context.dataDir, settings)
  if (isOverruled) {
    context.out.say(`${variable} stands above it.`)
  }
  context.out.data(`${key} is ${text} from the next start on.`, { key, value: text })
  return 0
}

async function configPath(context: Context): Promise<number> {
  const paths = {
    site: context.sitePath,
    file: settingsPath(context.dataDir),
    data: context.dataDir,
    identity: context.identities.path,
    logs: context.logDir,
    spool: context.spoolDir,
  }
  context.out.data(columns(Object.entries(paths)), paths)
  return 0
}

async function validateConfig(context: Context): Promise<number> {
  const site = await context.site()
  const problems = Object.keys(readSettings(context.dataDir)).filter((key) => !isOption(site, key))
  if (problems.length > 0) {
    throw new AgentError(
      'E_INVALID_OPTION',
      `Expected only options of plugins in ${settingsPath(context.dataDir)}, found: ${problems.join(', ')}`
    )
  }
  context.policyOf(site)
  context.out.data(`Site "${site.name}" is valid.`, { site: site.name, valid: true })
  return 0
}

function valuesOf(context: Context, site: Site): readonly Value[] {
  const keeper = new PolicyKeeper(site, context.dataDir)
  keeper.open(context.identities.identity())
  const { policy } = keeper.state(context.identities.acknowledgement())
  const { values: published } = keeper.received
  const bounds = boundsOf(site)
  const settings = readSettings(context.dataDir)

  const noteOf = (key: PolicyKey) =>
    isBounded(key, bounds, published)
      ? `the policy asks for ${JSON.stringify(published[key])}, the site allows no more than this`
      : null
  const options = site.plugins.flatMap((plugin) =>
    Object.entries(plugin.options ?? {}).map(([option, value]): Value => {
      const key = `${plugin.name}.${option}`
      const tuned = policyKeyOf(plugin, option)
      const isTuned = tuned !== null && published[tuned] !== undefined
      return {
        key,
        value: isTuned ? policy.values[tuned] : value,
        source: isTuned ? 'policy' : sourceOf(plugin, option, key in settings, context),
        locked: isTuned,
        note: isTuned ? noteOf(tuned) : null,
      }
    })
  )
  const shown = new Set(
    site.plugins.flatMap((plugin) =>
      Object.keys(plugin.options ?? {}).map((option) => policyKeyOf(plugin, option))
    )
  )
  const others = POLICY_KEYS.filter((key) => !shown.has(key)).map((key): Value => {
    const isTuned = published[key] !== undefined
    return {
      key,
      value: policy.values[key],
      source: isTuned ? 'policy' : bounds[key] === undefined ? 'default' : 'site',
      locked: isTuned,
      note: noteOf(key),
    }
  })
  return [...options, ...others]
}

/** The value of a policy that tunes this option: `screenshot.interval_seconds` of `intervalSeconds`. */
function policyKeyOf(plugin: Plugin, option: string): PolicyKey | null {
  const snake = option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return POLICY_KEYS.find((key) => key === `${plugin.name}.${snake}`) ?? null
}

function sourceOf(
  plugin: Plugin,
  option: string,
  isInFile: boolean,
  context: Context
): ValueSource {
  const source = sourcesOf(plugin.options ?? {})?.[option] ?? 'site'
  const isFromFile =
    source === 'environment' &&
    isInFile &&
    context.variablesOfFile.has(variableOfSetting(`${plugin.name}.${option}`))
  return isFromFile ? 'file' : source
}

function isOption(site: Site, key: string): boolean {
  return site.plugins.some(({ name, options }) =>
    Object.keys(options ?? {}).some((option) => key === `${name}.${option}`)
  )
}

function find(values: readonly Value[], key: string): Value {
  const value = values.find((candidate) => candidate.key === key)
  if (value === undefined) {
    throw new AgentError(
      'E_UNKNOWN_SETTING',
      `Expected a value of the configuration, found "${key}"`
    )
  }
  return value
}

function rowOf({ key, value, source, locked, note }: Value, hasSource: boolean): string[] {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return hasSource
    ? [key, shown, source, [locked ? 'locked' : '', note ?? ''].join(' ').trim()]
    : [key, shown]
}
