import db from '@adonisjs/lucid/services/db'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How far back one looks, and how long a moment of it is: a hundred of them fit a screen. */
export const HEALTH_RANGES = {
  '24h': { name: '24 hours', spanMs: 24 * HOUR, stepMs: 15 * MINUTE },
  '7d': { name: '7 days', spanMs: 7 * 24 * HOUR, stepMs: 2 * HOUR },
} as const
export type HealthRange = keyof typeof HEALTH_RANGES

/** What heartbeats of one moment said; null where none of them said it. */
export type HealthMoment = {
  /** When it begins, in milliseconds since 1970. */
  readonly at: number
  readonly heartbeats: number
  /** Means of the moment, in percent. */
  readonly cpu: number | null
  readonly memory: number | null
  /** The most that waited on the computer. */
  readonly queued: number | null
}

/** How a computer was, moment by moment until `now`; moments without a heartbeat are there, and say nothing. */
export async function agentHealth(
  agentId: number,
  range: HealthRange,
  now: number
): Promise<HealthMoment[]> {
  const { spanMs, stepMs } = HEALTH_RANGES[range]
  const last = Math.floor(now / stepMs)
  const first = last - Math.ceil(spanMs / stepMs) + 1
  const moment = whole('captured_at', stepMs)
  const rows: Record<keyof HealthMoment, number | string | null>[] = await db
    .from('heartbeats')
    .where('agent_id', agentId)
    .where('captured_at', '>=', first * stepMs)
    .where('captured_at', '<', (last + 1) * stepMs)
    .select(
      db.raw(`${moment} as at`),
      db.raw('count(*) as heartbeats'),
      db.raw(`avg(${said('system.cpu.load_percent')}) as cpu`),
      db.raw(
        `avg(100 * ${said('system.memory.used_bytes')} / ${said('system.memory.total_bytes')}) as memory`
      ),
      db.raw(`max(${said('spool.queued')}) as queued`)
    )
    .groupByRaw(moment)
  const found = new Map(rows.map((row) => [Number(row.at), row]))
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const row = found.get(first + index)
    const number = (value: number | string | null | undefined) =>
      value === null || value === undefined ? null : Number(value)
    return {
      at: (first + index) * stepMs,
      heartbeats: Number(row?.heartbeats ?? 0),
      cpu: number(row?.cpu),
      memory: number(row?.memory),
      queued: number(row?.queued),
    }
  })
}

const isMysql = () => db.connection().dialect.name === 'mysql'

/** How often `step` fits into a column, in SQL. */
const whole = (column: string, step: number) =>
  isMysql() ? `${column} div ${step}` : `${column} / ${step}`

/** A number of the heartbeat's text, in SQL; null where it is null there. */
const said = (path: string) =>
  isMysql()
    ? `cast(nullif(json_value(body, '$.${path}'), 'null') as double)`
    : `cast(json_extract(body, '$.${path}') as real)`

const WIDTH = 600
const HEIGHT = 72

/** One figure over time as the path of a line, broken where nothing is known, in a box of 600 × 72. */
export function lineOf(values: readonly (number | null)[], most: number) {
  const x = (index: number) => (values.length < 2 ? 0 : (index / (values.length - 1)) * WIDTH)
  const y = (value: number) => HEIGHT - 1 - (Math.min(value, most) / most) * (HEIGHT - 2)
  const path = values.map((value, index) => {
    if (value === null) {
      return ''
    }
    const isStart = index === 0 || values[index - 1] === null
    // a moment alone is a dash, or it could not be seen
    const dash = isStart && (values[index + 1] ?? null) === null ? 'h2' : ''
    return `${isStart ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}${dash}`
  })
  return { width: WIDTH, height: HEIGHT, path: path.join('') }
}
