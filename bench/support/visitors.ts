import type { Address, Viewer, World } from './addresses.js'
import { DEEP, VIEWERS } from './addresses.js'
import User from '#models/user'
import db from '@adonisjs/lucid/services/db'

const PASSWORD = 'correct-horse-battery'
const PAGE = 10_000
/** Rows of a page where the list is long enough. */
const ROWS = 50

/** Those who ask: an owner made for it, and a manager and a member of the dataset. */
export type Visitors = Readonly<
  Record<Viewer, { readonly user: User; readonly token: string; readonly cookie: string }>
>

/** Makes who asks and gives the owner and the manager a purpose for everybody, then signs them in at `url`. */
export async function makeVisitors(url: string): Promise<Visitors> {
  const owner = await User.updateOrCreate(
    { email: 'owner@dataset.test' },
    { fullName: 'The owner', password: PASSWORD, role: 'owner', timeZone: 'UTC' }
  )
  const manager = await User.query().where('role', 'manager').orderBy('id').firstOrFail()
  const member = await User.query().where('role', 'member').orderBy('id').firstOrFail()
  const users = { owner, manager, member }
  for (const user of [manager, member]) {
    await user.merge({ password: PASSWORD }).save()
  }
  for (const viewer of [owner, manager]) {
    await givePurposes(viewer)
  }
  const visitors = {} as Record<Viewer, Visitors[Viewer]>
  for (const name of VIEWERS) {
    const user = users[name]
    const token = await User.accessTokens.create(user, ['read', 'write'])
    visitors[name] = {
      user,
      token: token.value?.release() ?? '',
      cookie: await signIn(url, user.email),
    }
  }
  return visitors
}

async function givePurposes(viewer: User) {
  const day = new Date().toISOString().slice(0, 10)
  const given = { viewer_id: viewer.id, given_on: day }
  await db.from('purposes').where(given).delete()
  const people: { id: number }[] = await db.from('users').whereNot('id', viewer.id).select('id')
  const rows = people.map(({ id }) => ({
    ...given,
    person_id: id,
    text: 'measuring',
    given_at: Date.now(),
  }))
  for (let at = 0; at < rows.length; at += 100) {
    await db.table('purposes').multiInsert(rows.slice(at, at + 100))
  }
}

/** The cookies of somebody who is signed in. */
async function signIn(url: string, email: string): Promise<string> {
  const page = await fetch(`${url}/login`)
  const csrf = /name='_csrf' value='([^']+)'/.exec(await page.text())
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(page), accept: 'text/html' },
    body: new URLSearchParams({ _csrf: csrf?.[1] ?? '', email, password: PASSWORD }),
  })
  const cookie = cookiesOf(answer)
  const { status } = await fetch(`${url}/settings/profile`, {
    redirect: 'manual',
    headers: { cookie },
  })
  if (status !== 200) {
    throw new Error(`E_BENCH: ${email} is not signed in: ${answer.status}, ${status}`)
  }
  return cookie
}

const cookiesOf = ({ headers }: Response) =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')

/** Asks an address as its viewer; what is not 200 is thrown. */
export async function ask(url: string, { path, viewer, by }: Address, visitors: Visitors) {
  const { token, cookie } = visitors[viewer]
  const answer = await fetch(url + path, {
    redirect: 'manual',
    headers: {
      // one that is kept may be closed by the server just as it is used again
      connection: 'close',
      ...(by === 'token' ? { authorization: `Bearer ${token}` } : { cookie }),
    },
  })
  const body = await answer.text()
  if (answer.status !== 200) {
    throw new Error(`E_BENCH: ${viewer} gets ${answer.status} for ${path}: ${body.slice(0, 300)}`)
  }
  return body
}

/**
 * What the addresses name, of the dataset in the database: a member of the first manager's team. `page`
 * is the far one.
 */
export async function findWorld(page = PAGE): Promise<World> {
  const member = await User.query().where('role', 'member').orderBy('id').firstOrFail()
  const agent = await db.from('agents').where('person_id', member.id).firstOrFail()
  const { day } = await db
    .from('work_sessions')
    .where('person_id', member.id)
    .orderBy('started_at', 'desc')
    .offset(1)
    .firstOrFail()
  const newest = (table: string) =>
    db
      .from(table)
      .where('agent_id', agent.id)
      .where('captured_at', '<', Date.parse(`${day}T23:59:59Z`))
      .orderBy('captured_at', 'desc')
      .firstOrFail()
  const recording = await newest('recordings')
  return {
    agent: Number(agent.id),
    person: member.id,
    team: member.teamId ?? 0,
    day,
    screenshot: (await newest('screenshots')).id,
    recording: recording.id,
    run: recording.recording_id,
    session: `${member.id}-${day}-1`,
    deep: await deepCursors(page),
  }
}

/** Where the far page begins, with fewer rows to the page where a list is short. */
async function deepCursors(page: number): Promise<World['deep']> {
  const deep: Record<string, World['deep'][string]> = {}
  for (const name of DEEP) {
    const [table, time] =
      name === 'sessions' ? ['work_sessions', 'started_at'] : [name, 'captured_at']
    const count = Number((await db.from(table).count('* as count').first())?.count ?? 0)
    const limit = Math.min(ROWS, Math.floor(count / (page + 1)))
    if (limit > 0) {
      const row = await db
        .from(table)
        .orderBy(time, 'desc')
        .orderBy('id', 'desc')
        .select('id', `${time} as time`)
        .offset(limit * (page - 1) - 1)
        .firstOrFail()
      deep[name] = { cursor: `${row.time}_${row.id}`, limit }
    }
  }
  return deep
}
