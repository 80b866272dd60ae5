import { E_NOT_FOUND } from '#exceptions/api_errors'
import type User from '#models/user'
import { noteVisit } from '#services/access_log'
import { capturedNow } from '#services/me_now'
import { notesOfDay } from '#services/day_notes'
import { cells, csv } from '#services/csv'
import { organisationZone } from '#services/organisation'
import { personWithDaysFor } from '#services/people'
import { purposeOf } from '#services/purpose'
import { addDays, dayOf, isDay, zoneOn, type Day } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { loadMedia } from '#services/timeline/day_media'
import {
  dayOfPerson,
  dayPage,
  momentOfDay,
  nearest,
  tenseOf,
  zoneOfView,
} from '#services/timeline/day_page'
import { neighbourDays } from '#services/timeline/neighbour_days'
import { momentValidator, zoneViewValidator } from '#validators/days'
import { filled } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import { DateTime } from 'luxon'

/** A day of a person: the same page, with the same data, for the person and for the manager. */
export default class DaysController {
  /** Leads to the day that the date field names, or to today. */
  async index(ctx: HttpContext) {
    const person = await personOf(ctx)
    const { date } = ctx.request.qs() as { date?: unknown }
    const day = isDay(date) ? date : dayOf(await calendarOf(person), Date.now())
    return ctx.response.redirect(`${addressOf(ctx)}/${day}`)
  }

  async show(ctx: HttpContext) {
    const { auth, request, view } = ctx
    const viewer = auth.use('web').getUserOrFail()
    const person = await personOf(ctx)
    const calendar = await calendarOf(person)
    const day = await dayOfAddress(ctx, person)
    const address = `${addressOf(ctx)}/${day}`
    const isSelf = viewer.id === person.id
    const purpose = isSelf ? '' : await purposeOf(viewer, person.id)
    const frame = { person, date: day, isSelf, base: addressOf(ctx), address, title: titleOf(day) }
    if (purpose === null) {
      return view.render('pages/days/purpose', frame)
    }
    await noteVisit(viewer, person, 'day', day, request.ip())
    const [, chosen] = await zoneViewValidator.tryValidate(filled(request.qs()))
    const zoneView = chosen?.tz ?? 'member'
    const org = await organisationZone()
    const zone = zoneOfView(zoneView, { calendar, day, org, mine: viewer.timeZone })
    const zones = { member: zoneOn(calendar, day), org, mine: viewer.timeZone }
    const page = await dayPage(person, calendar, day, zone)
    const tense = tenseOf(calendar, day, Date.now())
    const state = {
      ...frame,
      ...page,
      purpose,
      zone,
      zoneView,
      memberZone: zones.member,
      otherZones: otherZones(zones, zone),
      tense,
      previous: addDays(day, -1),
      next: addDays(day, 1),
      withData: page.chart ? null : await neighbourDays(person, calendar, day),
    }
    if (request.header('HX-Request')) {
      return view.render('partials/day', state)
    }
    return view.render('pages/days/show', {
      ...state,
      notes: await notesOfDay(person, day),
      computers: isSelf && tense === 'today' ? await capturedNow(person, Date.now()) : null,
      now: Date.now(),
      mayAnswer: !isSelf,
    })
  }

  /** What is captured of oneself at this moment. */
  async now({ auth, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const now = Date.now()
    return view.render('partials/me_now', { computers: await capturedNow(viewer, now), now })
  }

  /** Leads to the screenshot nearest to a moment. */
  async nearest(ctx: HttpContext) {
    const { request, response, session } = ctx
    const person = await personWithPurpose(ctx)
    const calendar = await calendarOf(person)
    const day = await dayOfAddress(ctx, person)
    const { at } = await request.validateUsing(momentValidator, { data: request.qs() })
    const { window } = await dayOfPerson(person, calendar, day)
    const media = await loadMedia(
      person.agents.map(({ id }) => id),
      window
    )
    const moment = at.includes(':') ? momentOfDay(calendar, day, at) : Number(at)
    const shot = nearest(media.shots, moment)
    if (!shot) {
      session.flash('error', 'There is no screenshot on this day')
      return response.redirect(`${addressOf(ctx)}/${day}`)
    }
    return response.redirect().toRoute('screenshots.show', { id: shot.id })
  }

  /** The table of the day, with the zone that its times are written in. */
  async download(ctx: HttpContext) {
    const { auth, request, response } = ctx
    const person = await personWithPurpose(ctx)
    const calendar = await calendarOf(person)
    const day = await dayOfAddress(ctx, person)
    await noteVisit(auth.use('web').getUserOrFail(), person, 'day', day, request.ip())
    const zone = zoneOn(calendar, day)
    const { table } = await dayPage(person, calendar, day, zone)
    const at = (time: number) => DateTime.fromMillis(time, { zone }).toISO()
    response.header('Content-Type', 'text/csv; charset=utf-8')
    response.header('Content-Disposition', `attachment; filename="day-${person.id}-${day}.csv"`)
    response.header('Cache-Control', 'private, no-store')
    return csv([
      cells('from', 'until', 'zone', 'lane', 'what', 'detail'),
      ...table.map((row) =>
        cells(at(row.from), at(row.until), zone, row.lane, row.text, row.detail)
      ),
    ])
  }
}

/** The person of the address; `/me/…` is the viewer. */
async function personOf({ auth, params }: HttpContext): Promise<User> {
  const viewer = auth.use('web').getUserOrFail()
  return personWithDaysFor(viewer, params.id ?? viewer.id)
}

/** As `personOf`, where the viewer said why. */
async function personWithPurpose(ctx: HttpContext): Promise<User> {
  const person = await personOf(ctx)
  const viewer = ctx.auth.use('web').getUserOrFail()
  if (viewer.id !== person.id && (await purposeOf(viewer, person.id)) === null) {
    throw new E_NOT_FOUND()
  }
  return person
}

function addressOf({ params }: HttpContext): string {
  return params.id ? `/people/${params.id}/days` : '/me/days'
}

/** The day of the address; today where it names none. */
async function dayOfAddress({ params }: HttpContext, person: User): Promise<Day> {
  if (params.date === undefined) {
    return dayOf(await calendarOf(person), Date.now())
  }
  if (!isDay(params.date)) {
    throw new E_NOT_FOUND()
  }
  return params.date
}

const SWITCHES = {
  member: 'switch to the member’s',
  org: 'switch to the organisation’s',
  mine: 'switch to yours',
} as const

/** The zones that one can switch to, each once. */
function otherZones(zones: Readonly<Record<keyof typeof SWITCHES, string>>, current: string) {
  const seen = new Set([current])
  return (['mine', 'member', 'org'] as const).flatMap((kind) => {
    const isNew = !seen.has(zones[kind])
    seen.add(zones[kind])
    return isNew ? [{ kind, text: `${SWITCHES[kind]}, ${zones[kind]}` }] : []
  })
}

function titleOf(day: Day): string {
  const date = DateTime.fromISO(day).setLocale('en-GB')
  return date.toFormat(date.year === DateTime.now().year ? 'cccc d LLLL' : 'cccc d LLLL yyyy')
}
