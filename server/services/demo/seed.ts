import Team from '#models/team'
import User from '#models/user'
import { castOf, DEMO_DOMAIN, type Character, type Scene } from '#services/demo/cast'
import { drawPictures, type DemoPicture } from '#services/demo/pictures'
import { Random } from '#services/demo/random'
import { RowsOfAgent, type Rows } from '#services/demo/rows'
import { drawSegment, type DemoSegment } from '#services/demo/segment'
import { workDay } from '#services/demo/work_day'
import { media } from '#services/media'
import { markEverything } from '#services/rollups/rebuild'
import { BULK_CHUNK, settleRollups } from '#services/rollups/settle'
import { addDays, startOfDay, type Calendar, type Day } from '#services/timeline/calendar'
import hash from '@adonisjs/core/services/hash'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export type DemoOptions = {
  readonly people: number
  readonly days: number
  readonly seed: number
  /** The last day; what lies after `now` is left out. */
  readonly until: Day
  readonly now: number
  /** How many of the last days have pictures and recordings. */
  readonly pictureDays: number
  readonly password: string
}

export type DemoCounts = {
  people: number
  agents: number
  activities: number
  heartbeats: number
  screenshots: number
  recordings: number
}

/** People of one team. */
const TEAM_SIZE = 8

/** Rows in one statement. */
const CHUNK = 400

/** Hard links made at once. */
const LINKS = 32

/**
 * Makes people, computers and their days. The same options give the same rows; days fill the last
 * `days` days up to `until`. Pictures are a few files, each row has a hard link of its own.
 */
export async function seedDemo(options: DemoOptions): Promise<DemoCounts> {
  const random = new Random(options.seed)
  const cast = castOf(options.people, random.fork())
  const password = await hash.use('scrypt').make(options.password)
  const pictures = options.pictureDays > 0 ? await drawPictures(options.seed) : []
  const segment = options.pictureDays > 0 ? await drawSegment(pictures) : null
  const counts = {
    people: 0,
    agents: 0,
    activities: 0,
    heartbeats: 0,
    screenshots: 0,
    recordings: 0,
  }
  const agentIds: number[] = []
  const shelf = await Shelf.open(pictures, segment)
  try {
    for (const [index, character] of cast.entries()) {
      const personId = await makePerson(character, index, password, options)
      counts.people += 1
      for (let computer = 0; computer < character.computers; computer += 1) {
        const agentId = await makeAgent(character, personId, computer)
        const own = random.fork()
        const rows = await rowsOf(agentId, character, computer, options, shelf, own)
        await store(agentId, rows)
        await shelf.keep(rows)
        agentIds.push(agentId)
        counts.agents += 1
        counts.activities += rows.activities.length
        counts.heartbeats += rows.heartbeats.length
        counts.screenshots += rows.screenshots.length
        counts.recordings += rows.recordings.length
      }
    }
  } finally {
    await shelf.close()
  }
  await markEverything(agentIds)
  await settleRollups(Infinity, BULK_CHUNK)
  return counts
}

/** Removes everybody of a demo with everything of theirs; gives how many people went. */
export async function clearDemo(): Promise<number> {
  const people = await User.query().where('email', 'like', `%@${DEMO_DOMAIN}`).preload('agents')
  for (const { agents } of people) {
    for (const { id } of agents) {
      for (const table of ['screenshots', 'recordings']) {
        const rows: { media_key: string }[] = await db
          .from(table)
          .where('agent_id', id)
          .select('media_key')
        for (let at = 0; at < rows.length; at += LINKS) {
          const some = rows.slice(at, at + LINKS)
          await Promise.all(some.map((row) => media.remove(row.media_key)))
        }
      }
      await db.from('agents').where('id', id).delete()
    }
  }
  const ids = people.map(({ id }) => id)
  for (let at = 0; at < ids.length; at += CHUNK) {
    await User.query()
      .whereIn('id', ids.slice(at, at + CHUNK))
      .delete()
  }
  await Team.query().where('name', 'like', 'Demo %').delete()
  return people.length
}

async function makePerson(
  { fullName, zone, formerZone }: Character,
  index: number,
  password: string,
  { until, days }: DemoOptions
): Promise<number> {
  const isManager = index === 4
  const teamIndex = isManager ? 0 : Math.floor(index / TEAM_SIZE)
  const team = await Team.firstOrCreate({ name: `Demo team ${teamIndex + 1}` })
  const name = fullName
    .normalize('NFD')
    .replace(/[^a-zA-Z ]/g, '')
    .toLowerCase()
    .replaceAll(' ', '.')
  const number = index < 24 ? '' : `.${index + 1}`
  const person = {
    team_id: team.id,
    email: `${name}${number}@${DEMO_DOMAIN}`,
    full_name: fullName,
    password,
    role: isManager ? 'manager' : 'member',
    time_zone: zone,
    created_at: DateTime.utc().toFormat('yyyy-MM-dd HH:mm:ss'),
  }
  const [id] = (await db.table('users').insert(person)) as number[]
  if (id === undefined) {
    throw new Error('E_DEMO: expected the number of a new person')
  }
  if (isManager) {
    await team.related('managers').attach([id])
  }
  if (formerZone) {
    const moved = addDays(until, -Math.floor(days / 2))
    await db.table('former_zones').insert({ user_id: id, until_day: moved, time_zone: formerZone })
  }
  return id
}

async function makeAgent(
  { fullName }: Character,
  personId: number,
  computer: number
): Promise<number> {
  const first = (fullName.split(' ')[0] ?? 'demo').toLowerCase()
  const name = `${first}-${computer === 0 ? 'laptop' : 'desk'}`
  const [id] = (await db.table('agents').insert({
    name,
    site: 'default',
    host: `${name}.${DEMO_DOMAIN}`,
    platform: 'linux',
    agent_version: '0.1.0',
    person_id: personId,
    state: 'active',
    interval_seconds: 900,
    created_at: DateTime.utc().toFormat('yyyy-MM-dd HH:mm:ss'),
  })) as number[]
  if (id === undefined) {
    throw new Error('E_DEMO: expected the number of a new agent')
  }
  return id
}

async function rowsOf(
  agentId: number,
  character: Character,
  computer: number,
  { until, days, now, pictureDays }: DemoOptions,
  shelf: Shelf,
  random: Random
): Promise<Rows> {
  const rows = new RowsOfAgent(agentId, random.fork(), now)
  for (let back = days - 1; back >= 0; back -= 1) {
    const day = addDays(until, -back)
    const own = random.fork()
    const calendar = calendarOn(character, until, days)
    const midnight = startOfDay({ ...calendar, dayStartMinutes: 0 }, day)
    if (isDayOff(day, computer, own)) {
      continue
    }
    const observed = workDay(character, midnight, own)
    const offset = DateTime.fromMillis(midnight, { zone: character.zone }).offset
    rows.add(observed, offset, back < pictureDays ? shelf : null)
  }
  return rows.finish()
}

function calendarOn({ zone, formerZone }: Character, until: Day, days: number): Calendar {
  const moved = addDays(until, -Math.floor(days / 2))
  const formerZones = formerZone ? [{ until: moved, zone: formerZone }] : []
  return { zone, formerZones, dayStartMinutes: 240 }
}

function isDayOff(day: Day, computer: number, random: Random): boolean {
  const weekday = DateTime.fromISO(day).weekday
  const chance = random.next()
  return weekday > 5 ? chance < 0.94 : chance < (computer === 0 ? 0.04 : 0.5)
}

async function store(agentId: number, rows: Rows) {
  await db.transaction(async (trx) => {
    for (const table of Object.keys(rows) as (keyof Rows)[]) {
      const all = rows[table]
      for (let at = 0; at < all.length; at += CHUNK) {
        await trx.table(table).multiInsert(all.slice(at, at + CHUNK) as object[])
      }
    }
    const last = rows.heartbeats.at(-1)
    const lastSeq = Object.values(rows)
      .flat()
      .reduce((most, { seq }) => Math.max(most, Number(seq)), 0)
    await trx
      .from('agents')
      .where('id', agentId)
      .update({
        last_seen_at: last?.captured_at ?? null,
        last_heartbeat_id: last?.id ?? null,
        state: last?.state ?? null,
        last_seq: lastSeq,
      })
  })
}

/** The few files of a demo, of which every row has a hard link. */
export class Shelf {
  readonly #pictures: readonly DemoPicture[]
  readonly segment: DemoSegment | null
  readonly #sources = new Map<string, string>()

  private constructor(pictures: readonly DemoPicture[], segment: DemoSegment | null) {
    this.#pictures = pictures
    this.segment = segment
  }

  static async open(pictures: readonly DemoPicture[], segment: DemoSegment | null) {
    const shelf = new Shelf(pictures, segment)
    for (const { sha256, bytes } of [...pictures, ...(segment ? [segment] : [])]) {
      const source = media.path(`demo-${process.pid}/${sha256}`)
      await mkdir(dirname(source), { recursive: true, mode: 0o700 })
      await writeFile(source, bytes, { mode: 0o600 })
      shelf.#sources.set(sha256, source)
    }
    return shelf
  }

  pictureOf({ picture }: Scene, random: Random): DemoPicture {
    return random.pick(this.#pictures.filter(({ kind }) => kind === picture))
  }

  /** Links the files of rows to their places. */
  async keep({ screenshots, recordings }: Rows) {
    const rows = [...screenshots, ...recordings]
    for (let at = 0; at < rows.length; at += LINKS) {
      await Promise.all(rows.slice(at, at + LINKS).map((row) => this.#link(row)))
    }
  }

  async close() {
    await rm(media.path(`demo-${process.pid}`), { recursive: true, force: true })
  }

  async #link({ sha256, media_key: key }: { sha256: string; media_key: string }) {
    const path = media.path(key)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await link(this.#sources.get(sha256) as string, path)
  }
}
