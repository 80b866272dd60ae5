import { GENESIS, sealOf } from '#services/audit'
import { categoriser, loadRules } from '#services/categories/rules'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

export type DatasetSize = {
  readonly agents: number
  /** The first day and the last one, as `2026-11-19`. */
  readonly from: string
  readonly until: string
}

export type DatasetCounts = {
  readonly agents: number
  readonly days: number
  readonly heartbeats: number
  readonly activities: number
  readonly screenshots: number
  readonly recordings: number
  readonly looks: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** From 08:00 to 16:00 UTC. */
const [FIRST_HOUR, HOURS] = [8, 8]
/** A heartbeat a minute; windows and presence in spans of twenty minutes, a picture every ten. */
const SPAN_MS = 20 * MINUTE_MS
const SPANS = (HOURS * HOUR_MS) / SPAN_MS
const BEATS = HOURS * 60
const SHOTS = HOURS * 6
/** Two segments of half a minute, a look that found nothing new and a manager's look in every hour. */
const SEGMENTS = HOURS * 2
const SEGMENT_MS = 30_000
/** After work: hours off, one item that was given up, one that was deleted. */
const AFTER_WORK_HOURS = 12
const A_DAY = BEATS + 2 * SPANS + SHOTS + SEGMENTS + HOURS + 4
const SHOT_BYTES = 60_000
const SEGMENT_BYTES = 600_000
const DISPLAY = { id: '0', x: 0, y: 0, width: 1920, height: 1080, primary: true }
const BODY = {
  kind: 'heartbeat',
  state: 'active',
  seconds_since_input: 4,
  interval_seconds: 60,
  late_seconds: 0,
  time_zone: 'UTC',
  agent_version: '0.1.0',
  clock_skew_ms: 12,
  system: {
    os: { platform: 'linux', name: 'Debian 12', release: '6.1.0', arch: 'x64' },
    host: 'computer',
    cpu: { model: 'a processor', cores: 8, load_percent: 7.5 },
    memory: { total_bytes: 16e9, used_bytes: 6e9 },
    disk: null,
    battery: null,
    uptime_seconds: 86_400,
    displays: [DISPLAY],
  },
  plugins: [],
  spool: {
    ...{ accepted: 1, delivered: 1, evicted: 0, dead: 0, queued: 0, spool_bytes: 0 },
    ...{ oldest_age_s: 0, seq: 1 },
  },
}
const APPS = ['code', 'slack', 'firefox'] as const
const TEAM_SIZE = 20
const PASSWORD = 'none'

/**
 * Fills a migrated database with people, an agent each, working days of eight hours, the sums of them
 * and a log of looks whose seals hold; the same rows at every run. Rows come as they would have arrived,
 * by time and all agents in turn. Each day is one transaction, and a run goes on after the last day that
 * is there: what was broken off is finished, and days are added. 200 agents and 105 days are
 * 10 080 000 heartbeats, 1 008 000 activity events and as many screenshots. Pictures have rows and no
 * files. `progress` is told how many days are done.
 */
export async function fillDataset(
  { agents, from, until }: DatasetSize,
  progress: (done: number, all: number) => void = () => {}
): Promise<DatasetCounts> {
  const first = Date.parse(`${from}T00:00:00Z`)
  const days = (Date.parse(`${until}T00:00:00Z`) - first) / DAY_MS + 1
  const done = await daysDone(first)
  const sql = db.connection().dialect.name === 'mysql' ? MYSQL : SQLITE
  await db.rawQuery('drop table if exists dataset_numbers')
  await db.rawQuery('drop table if exists dataset_owners')
  await db.rawQuery('create table dataset_numbers (n integer primary key)')
  await db.rawQuery(
    'create table dataset_owners (agent_id integer primary key, person_id integer, manager_id integer)'
  )
  try {
    await fillNumbers(BEATS)
    const owners = done === 0 ? await makeOwners(agents) : await knownOwners()
    await db.table('dataset_owners').multiInsert(owners)
    const categories = await categoriesOfSpans()
    await withoutSafety(done >= days, async () => {
      for (let number = done; number < days; number += 1) {
        await db.transaction(async (trx) => {
          for (const statement of statementsOf(number, { first, ...sql, categories })) {
            await trx.rawQuery(statement)
          }
          await appendLooks(trx, owners, first + number * DAY_MS)
        })
        progress(number + 1, days)
      }
    })
    // a server on SQLite never does, so its plans must do without
    if (done < days && sql === MYSQL) {
      await db.rawQuery('analyze table heartbeats, activities, screenshots, recordings, gaps')
    }
  } finally {
    await db.rawQuery('drop table dataset_numbers')
    await db.rawQuery('drop table dataset_owners')
  }
  const each = agents * days
  return {
    agents,
    days,
    heartbeats: each * BEATS,
    activities: each * 2 * SPANS,
    screenshots: each * SHOTS,
    recordings: each * SEGMENTS,
    looks: each * HOURS,
  }
}

type Owner = {
  readonly agent_id: number
  readonly person_id: number
  readonly manager_id: number
}

type Dialect = {
  /** Twelve hexadecimal digits of a number. */
  readonly hex: (expression: string) => string
  readonly join: (...parts: readonly string[]) => string
  readonly integer: (expression: string) => string
  /** A join whose left side is the outer loop. */
  readonly by: string
}

const SQLITE: Dialect = {
  hex: (expression) => `printf('%012x', ${expression})`,
  join: (...parts) => parts.join(' || '),
  integer: (expression) => `(${expression})`,
  by: 'cross join',
}

const MYSQL: Dialect = {
  hex: (expression) => `lower(lpad(hex(${expression}), 12, '0'))`,
  join: (...parts) => `concat(${parts.join(', ')})`,
  integer: (expression) => `floor(${expression})`,
  by: 'straight_join',
}

type Plan = Dialect & {
  readonly first: number
  readonly categories: readonly (readonly [id: number, ms: number])[]
}

/** What a crash would cost is a day of rows that are made again. */
async function withoutSafety(isDone: boolean, work: () => Promise<void>) {
  if (isDone || db.connection().dialect.name === 'mysql') {
    return work()
  }
  await db.rawQuery('pragma journal_mode = truncate')
  await db.rawQuery('pragma synchronous = off')
  await db.rawQuery('pragma cache_size = -1000000')
  await work()
  await db.rawQuery('pragma cache_size = -2000')
  await db.rawQuery('pragma synchronous = full')
  await db.rawQuery('pragma journal_mode = wal')
}

/** Days of an earlier run, which began on the same day. */
async function daysDone(first: number): Promise<number> {
  const row = await db.from('rollup_days').min('day as first').max('day as last').first()
  if (!row?.last) {
    return 0
  }
  if (Date.parse(`${row.first}T00:00:00Z`) !== first) {
    throw new Error(`E_BENCH: the data begin on ${row.first}`)
  }
  return (Date.parse(`${row.last}T00:00:00Z`) - first) / DAY_MS + 1
}

async function fillNumbers(count: number) {
  const rows = Array.from({ length: count }, (_, n) => ({ n }))
  for (let from = 0; from < count; from += 200) {
    await db.table('dataset_numbers').multiInsert(rows.slice(from, from + 200))
  }
}

const CREATED = { created_at: '2026-01-01 00:00:00' }

/** People in teams of twenty; the first of each manages it. */
async function makeOwners(agents: number): Promise<Owner[]> {
  return db.transaction(async (trx) => {
    const owners: Owner[] = []
    let teamId = 0
    let managerId = 0
    for (let number = 1; number <= agents; number += 1) {
      const isManager = number % TEAM_SIZE === 1
      if (isManager) {
        const name = `Team ${Math.ceil(number / TEAM_SIZE)}`
        teamId = await idOf(trx.table('teams').insert({ name, ...CREATED }))
      }
      const name = String(number).padStart(4, '0')
      const personId = await idOf(
        trx.table('users').insert({
          team_id: teamId,
          email: `person-${name}@dataset.test`,
          full_name: `Person ${name}`,
          password: PASSWORD,
          role: isManager ? 'manager' : 'member',
          time_zone: 'UTC',
          ...CREATED,
        })
      )
      if (isManager) {
        managerId = personId
        await trx.table('team_managers').insert({ team_id: teamId, user_id: personId })
      }
      const agentId = await idOf(
        trx.table('agents').insert({
          name: `computer-${name}`,
          site: 'default',
          host: `computer-${name}`,
          platform: 'linux',
          agent_version: '0.1.0',
          person_id: personId,
          state: 'active',
          interval_seconds: 60,
          last_seq: 0,
          ...CREATED,
        })
      )
      owners.push({ agent_id: agentId, person_id: personId, manager_id: managerId })
    }
    return owners
  })
}

const idOf = async (inserted: PromiseLike<unknown>) => ((await inserted) as [number])[0]

async function knownOwners(): Promise<Owner[]> {
  return db
    .from('agents')
    .join('users', 'users.id', 'agents.person_id')
    .join('team_managers', 'team_managers.team_id', 'users.team_id')
    .where('agents.name', 'like', 'computer-%')
    .select('agents.id as agent_id', 'users.id as person_id', 'team_managers.user_id as manager_id')
}

/** The category of active time in an hour: the middle span of three is away. */
async function categoriesOfSpans(): Promise<[number, number][]> {
  const categoryOf = categoriser(await loadRules())
  const times = new Map<number, number>()
  for (const app of [APPS[0], APPS[2]]) {
    const category = categoryOf({ app, title: titleOf(app), domain: null })
    times.set(category, (times.get(category) ?? 0) + SPAN_MS)
  }
  return [...times]
}

const titleOf = (app: string) => `Work in ${app}`

/** Each manager looks at a picture of each person once in an hour. */
async function appendLooks(trx: TransactionClientContract, owners: readonly Owner[], day: number) {
  const head = await trx.from('audit_head').where('id', 1).first()
  let previous = String(head?.last_hash ?? GENESIS)
  let id = Number(head?.last_id ?? 0)
  const rows = Array.from({ length: HOURS }, (_, hour) =>
    owners.map(({ agent_id: agentId, person_id: personId, manager_id: managerId }) => {
      const row = {
        id: (id += 1),
        at: day + (FIRST_HOUR + hour) * HOUR_MS + 59 * MINUTE_MS,
        kind: 'look' as const,
        action: 'screenshot',
        actor: 'user' as const,
        actor_id: managerId,
        person_id: personId,
        agent_id: agentId,
        object_id: idAt('4', day + FIRST_HOUR * HOUR_MS + 45_000, agentId),
        purpose: null,
        details: null,
        address: '127.0.0.1',
        previous_hash: previous,
      }
      previous = sealOf(row)
      return { ...row, hash: previous }
    })
  ).flat()
  for (let from = 0; from < rows.length; from += 500) {
    await trx.table('audit_log').multiInsert(rows.slice(from, from + 500))
  }
  await trx.from('audit_head').delete()
  await trx.table('audit_head').insert({ id: 1, last_id: id, last_hash: previous })
}

function idAt(kind: string, at: number, agentId: number): string {
  const time = at.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-700${kind}-8000-${agentId.toString(16).padStart(12, '0')}`
}

/** The rows of one day of everybody. */
function statementsOf(number: number, plan: Plan): string[] {
  const { hex, join, integer, by, first, categories } = plan
  const day = new Date(first + number * DAY_MS).toISOString().slice(0, 10)
  const start = first + number * DAY_MS + FIRST_HOUR * HOUR_MS
  const end = start + HOURS * HOUR_MS
  const evening = start + AFTER_WORK_HOURS * HOUR_MS
  const id = (kind: number, at: string) => {
    const time = hex(at)
    return join(
      `substr(${time}, 1, 8)`,
      `'-'`,
      `substr(${time}, 9, 4)`,
      `'-700${kind}-8000-'`,
      hex('o.agent_id')
    )
  }
  let seqs = number * A_DAY
  /** The columns that every observation has; its numbers come after those that were given before. */
  const observed = (kind: number, count: number, at: string) => {
    const seq = `(${seqs + 1} + i.n)`
    seqs += count
    return `${id(kind, at)}, o.agent_id, ${seq}, ${at}, 0, 0, ${at} + 1500, ${join(`'${'0'.repeat(52)}'`, hex(seq))}`
  }
  const COMMON =
    'id, agent_id, seq, captured_at, utc_offset_minutes, policy_version, received_at, content_sha256'
  const each = (count: number) =>
    `from dataset_numbers i ${by} dataset_owners o where i.n < ${count}`
  const at = (step: number, offset = 0) => `(${start + offset} + i.n * ${step})`
  const isAway = (span: string) => `${span} % 3 = 1`
  const state = (span: string) => `case when ${isAway(span)} then 'afk' else 'active' end`
  /** The last one says that work is over: a state holds until the next heartbeat. */
  const beatState = `case when i.n = ${BEATS - 1} then 'outside_hours' else
    ${state(integer('(i.n % 60) / 20'))} end`
  const ofApp = (text: (app: string) => string) =>
    `case i.n % 3 when 0 then '${text(APPS[0])}' when 1 then '${text(APPS[1])}' else '${text(APPS[2])}' end`
  const activity = `insert into activities (${COMMON}, kind, duration_ms, pulsetime_ms, app, title, domain, pid, state, active_ms, slot_ms)`
  const display = JSON.stringify(DISPLAY)
  const key = (folder: string, moment: string, ending: string) =>
    join(`'${folder}/'`, 'o.agent_id', `'/'`, hex(moment), `'.${ending}'`)
  const [active, idle] = [2 * SPAN_MS, SPAN_MS]
  const [shotAt, segmentAt] = [at(10 * MINUTE_MS, 45_000), at(30 * MINUTE_MS, 15_000)]
  const lookAt = at(HOUR_MS, 50 * MINUTE_MS)
  /** Runs of the recorder are an hour long. */
  const run = id(8, `(${start} + ${integer('i.n / 2')} * ${HOUR_MS})`)
  const [zeros, hours] = ['0'.repeat(64), `(${start} + i.n * ${HOUR_MS})`]
  const times = 'active_ms, idle_ms, paused_ms, locked_ms, asleep_ms, unknown_ms'
  const dayTimes = `${HOURS * active}, ${HOURS * idle}, 0, 0, 0, 0`
  const everybody = 'from dataset_owners o'
  const bytes = 6 * SHOT_BYTES + 2 * SEGMENT_BYTES
  return [
    `insert into heartbeats (${COMMON}, state, seconds_since_input, body)
      select ${observed(1, BEATS, at(MINUTE_MS, 30_000))}, ${beatState}, 4, '${JSON.stringify(BODY)}' ${each(BEATS)}`,
    `${activity} select ${observed(2, SPANS, at(SPAN_MS))}, 'presence', ${SPAN_MS}, 60000,
      null, null, null, null, ${state('i.n')},
      case when ${isAway('i.n')} then 0 else ${SPAN_MS} end, 10000 ${each(SPANS)}`,
    `${activity} select ${observed(3, SPANS, at(SPAN_MS))}, 'window', ${SPAN_MS}, 60000,
      ${ofApp((app) => app)}, ${ofApp(titleOf)}, null, null, null, null, null ${each(SPANS)}`,
    `insert into screenshots (${COMMON}, capture_group, display, width, height, media_type, bytes, sha256,
      dhash, source, simulated, degraded, media_key)
      select ${observed(4, SHOTS, shotAt)}, 'dataset', '${display}', 1920, 1080, 'image/webp', ${SHOT_BYTES},
      '${zeros}', '${'0'.repeat(16)}', 'dataset', 1, null, ${key('screenshots', shotAt, 'webp')} ${each(SHOTS)}`,
    `insert into recordings (${COMMON}, recording_id, segment, display, width, height, frame_rate, duration_ms,
      media_type, codec, bytes, sha256, source, simulated, complete, media_key)
      select ${observed(5, SEGMENTS, segmentAt)}, ${run}, i.n % 2, '${display}', 1920, 1080, 2, ${SEGMENT_MS},
      'video/mp4', 'h264', ${SEGMENT_BYTES}, '${zeros}', 'dataset', 1, 1,
      ${key('recordings', segmentAt, 'mp4')} ${each(SEGMENTS)}`,
    `insert into unchanged_screens (${COMMON}, capture_group, display, same_as)
      select ${observed(6, HOURS, lookAt)}, 'dataset', '${display}', ${id(4, `(${start + 40 * MINUTE_MS + 45_000} + i.n * ${HOUR_MS})`)}
      ${each(HOURS)}`,
    `insert into gaps (${COMMON}, what, cause, ${plan.by === MYSQL.by ? '`from`' : '"from"'}, until)
      select ${observed(7, 1, at(1, AFTER_WORK_HOURS * HOUR_MS))}, 'all', 'outside_hours', ${end}, ${evening} ${each(1)}`,
    `insert into evictions (${COMMON}, evicted_id, evicted_seq, evicted_kind, evicted_captured_at, bytes, cause)
      select ${observed(8, 2, at(1, AFTER_WORK_HOURS * HOUR_MS))}, ${id(1, String(end))}, ${seqs}, 'heartbeat',
      ${end}, 900, 'dropped' ${each(1)}`,
    `insert into deletions (id, agent_id, seq, kind, captured_at, deleted_at, content_sha256)
      select ${id(9, String(end))}, o.agent_id, ${(seqs += 1)}, 'screenshot', ${end}, ${evening}, '${zeros}' ${each(1)}`,
    `update agents set last_seen_at = ${end}, last_seq = ${seqs}, last_heartbeat_id =
      (select id from heartbeats where agent_id = agents.id and captured_at = ${end - 30_000})
      where id in (select agent_id from dataset_owners)`,
    `insert into rollup_hours (agent_id, hour, ${times}, heartbeats, activities, screenshots, unchanged,
      recordings, recording_ms, bytes)
      select o.agent_id, ${hours}, ${active}, ${idle}, 0, 0, 0, 0, 60, 6, 6, 1, 2, ${2 * SEGMENT_MS}, ${bytes}
      ${each(HOURS)}`,
    ...categories.map(
      ([
        category,
        ms,
      ]) => `insert into rollup_hour_categories (agent_id, hour, category_id, active_ms)
        select o.agent_id, ${hours}, ${category}, ${ms} ${each(HOURS)}`
    ),
    `insert into rollup_days (person_id, day, time_zone, first_at, last_at, sessions, ${times}, silent_ms,
      missing_ms, withheld, screenshots, unchanged, recordings, recording_ms, bytes)
      select o.person_id, '${day}', 'UTC', ${start}, ${end}, 1, ${dayTimes}, 0, 0, 0, ${SHOTS}, ${HOURS},
      ${SEGMENTS}, ${SEGMENTS * SEGMENT_MS}, ${HOURS * bytes} ${everybody}`,
    ...categories.map(
      ([
        category,
        ms,
      ]) => `insert into rollup_day_categories (person_id, day, category_id, active_ms)
        select o.person_id, '${day}', ${category}, ${HOURS * ms} ${everybody}`
    ),
    `insert into work_sessions (id, person_id, source, day, started_at, ended_at, ${times}, silent_ms,
      missing_ms, note)
      select ${join('o.person_id', `'-${day}-1'`)}, o.person_id, 'observed', '${day}', ${start}, ${end},
      ${dayTimes}, 0, 0, null ${everybody}`,
  ]
}
