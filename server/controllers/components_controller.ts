import { E_NOT_FOUND } from '#exceptions/api_errors'
import User from '#models/user'
import { latestScreenshots } from '#services/latest_screenshots'
import { chartOf } from '#services/timeline/chart'
import { NO_TIMES, type PersonDay } from '#services/timeline/person_day'
import app from '@adonisjs/core/services/app'
import type { HttpContext } from '@adonisjs/core/http'

const HOUR = 3_600_000
const BEGIN = Date.parse('2026-11-19T08:00:00Z')
const span = (from: number, until: number) => ({
  from: BEGIN + from * HOUR,
  until: BEGIN + until * HOUR,
})

/** A day with every state, cause and application colour. */
const DAY: PersonDay = {
  day: '2026-11-19',
  window: span(-8, 16),
  sessions: [],
  states: {
    active: [span(0, 2), span(2.5, 4)],
    idle: [span(2, 2.5)],
    paused: [span(4, 4.5)],
    locked: [span(4.5, 5)],
    asleep: [span(5, 6)],
    unknown: [span(6, 6.5)],
  },
  windows: ['Code', 'Mail', 'Browser', 'Slack', 'Sheets', 'Terminal', 'Calendar'].map(
    (name, index) => ({ app: name, title: null, domain: null, ...span(index / 2, (index + 1) / 2) })
  ),
  gaps: ['paused', 'spool_full', 'no_permission', 'no_signal'].map((cause, index) => ({
    cause,
    what: ['screenshot'],
    ...span(4 + index, 4.5 + index),
  })),
  times: NO_TIMES,
}

/** Every component in every state; in development and in tests only. */
export default class ComponentsController {
  async index({ auth, view }: HttpContext) {
    if (app.inProduction) {
      throw new E_NOT_FOUND()
    }
    const viewer = auth.use('web').getUserOrFail()
    const shots = [0.2, 0.5, 1, 1.4, 3].map((at) => ({
      at: BEGIN + at * HOUR,
      id: `shot-${at}`,
    }))
    const media = { shots, unchanged: [], withheld: 0, segments: [], bytes: 0 }
    view.share({
      flashMessages: {
        get: (key: string) => (key === 'inputErrorsBag' ? { wrong: ['Too short'] } : undefined),
        has: () => false,
      },
    })
    return view.render('pages/dev/components', {
      chart: chartOf(DAY, media as unknown as Parameters<typeof chartOf>[1], 'UTC'),
      now: Date.now(),
      zone: 'UTC',
      person: new User().merge({ id: viewer.id, fullName: 'Dana Reyes' }),
      latest: await latestScreenshots(viewer, undefined, 1),
    })
  }
}
