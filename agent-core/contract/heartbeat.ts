import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { amount, closed, flag, text, whole } from './fields.ts'
import { LIMITS } from './limits.ts'
import { observationFields } from './observation.ts'

/**
 * States of the person's side of a heartbeat. `unknown` means that the machine gives no reading
 * (Wayland, no display, no permission); it is never guessed.
 */
export const HEARTBEAT_STATES = [
  'active',
  'afk',
  'locked',
  'paused',
  'outside_hours',
  'unknown',
] as const
export type HeartbeatState = (typeof HEARTBEAT_STATES)[number]

/**
 * States of a plugin: `ok` works; `idle` has nothing to do now (paused, outside hours, notice not
 * acknowledged); `degraded` works badly (black or frozen pictures); `permission` waits for the
 * operating system's permission; `unavailable` lacks something on this machine; `failed` threw, and
 * is tried again; `off` was switched off at the start.
 */
export const PLUGIN_STATES = [
  'ok',
  'idle',
  'degraded',
  'permission',
  'unavailable',
  'failed',
  'off',
] as const
export type PluginState = (typeof PLUGIN_STATES)[number]

const pixels = () => whole(-65_536, 65_536)
const bytes = () => whole(0, Number.MAX_SAFE_INTEGER)
const counter = () => whole(0, Number.MAX_SAFE_INTEGER)

/** One display: position and size in pixels on the machine's desktop. */
export const display = () =>
  closed({
    id: text(64),
    x: pixels(),
    y: pixels(),
    width: whole(1, 65_536),
    height: whole(1, 65_536),
    primary: flag(),
  })

/** Facts about the machine; what the platform does not tell is `null`. */
const system = () =>
  closed({
    os: closed({
      platform: text(32),
      name: text(128),
      release: text(128),
      arch: text(32),
    }),
    host: text(255),
    cpu: closed({
      model: text(255),
      cores: whole(1, 4096),
      load_percent: amount(0, 100).nullable(),
    }),
    memory: closed({ total_bytes: bytes(), used_bytes: bytes() }),
    disk: closed({ total_bytes: bytes(), free_bytes: bytes() }).nullable(),
    battery: closed({ percent: amount(0, 100), charging: flag() }).nullable(),
    uptime_seconds: counter(),
    displays: vine.array(display()).maxLength(LIMITS.displays),
  })

/**
 * Counters of the spool since it was made. They balance:
 * `accepted = delivered + evicted + dead + queued`. `seq` is the last number given out.
 */
const spool = () =>
  closed({
    accepted: counter(),
    delivered: counter(),
    evicted: counter(),
    dead: counter(),
    queued: counter(),
    spool_bytes: bytes(),
    oldest_age_s: amount(0, Number.MAX_SAFE_INTEGER),
    seq: counter(),
  })

/**
 * What a heartbeat says. `interval_seconds` is how often one is due, `late_seconds` how much later
 * than due this one was made, `seconds_since_input` the time since the last key or pointer event
 * (`null` where unknown), `clock_skew_ms` the agent's clock minus the server's.
 */
export const heartbeatBody = () => ({
  kind: vine.literal('heartbeat'),
  state: vine.enum(HEARTBEAT_STATES),
  seconds_since_input: amount(0, 31_536_000).nullable(),
  interval_seconds: amount(0.1, 86_400),
  late_seconds: amount(0, 31_536_000),
  time_zone: text(64),
  agent_version: text(32),
  clock_skew_ms: whole(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).nullable(),
  system: system(),
  plugins: vine
    .array(
      closed({
        name: text(64),
        version: text(32),
        state: vine.enum(PLUGIN_STATES),
        reason: text(500).nullable(),
      })
    )
    .maxLength(LIMITS.plugins),
  spool: spool(),
})

export const heartbeatSchema = () => closed({ ...observationFields(), ...heartbeatBody() })

/** A heartbeat as it travels. */
export type Heartbeat = Infer<ReturnType<typeof heartbeatSchema>>
export type HeartbeatSystem = Heartbeat['system']
export type SpoolCounters = Heartbeat['spool']
export type PluginStatus = Heartbeat['plugins'][number]
export type Display = HeartbeatSystem['displays'][number]

export const heartbeatValidator = vine.create(heartbeatSchema())
