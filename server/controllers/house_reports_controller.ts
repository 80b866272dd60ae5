import { E_NOT_FOUND } from '#exceptions/api_errors'
import type User from '#models/user'
import { actionWords } from '#services/audit_words'
import { cells, csv } from '#services/csv'
import {
  HOUSE_REPORTS,
  houseReportsFor,
  isPeriod,
  type HouseReportName,
  type Period,
} from '#services/house_reports'
import { addDays } from '#services/timeline/calendar'
import { filled } from '#validators/pages'
import { statsValidator } from '#validators/stats'
import type { HttpContext } from '@adonisjs/core/http'
import { DateTime } from 'luxon'

/** Reports about computers, looks and storage, as a page, CSV and JSON. */
export default class HouseReportsController {
  async index({ auth, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    return view.render('pages/reports/index', { reports: houseReportsFor(viewer) })
  }

  async show(ctx: HttpContext) {
    const { viewer, described, name } = chosen(ctx)
    const period = await periodOf(ctx, viewer)
    const { from, to } = period
    return ctx.view.render('pages/reports/show', {
      ...(await described.make(viewer, period)),
      name,
      described,
      period,
      query: new URLSearchParams({ from, to }).toString(),
      lookWords: actionWords,
    })
  }

  async download(ctx: HttpContext) {
    const { viewer, described, name } = chosen(ctx)
    const period = await periodOf(ctx, viewer)
    const { columns, rows } = await described.make(viewer, period)
    const { response } = ctx
    response.header('Content-Type', 'text/csv; charset=utf-8')
    response.header('Content-Disposition', `attachment; filename="${name}.csv"`)
    response.header('Cache-Control', 'private, no-store')
    return csv([
      cells(...columns.map((column) => column.name)),
      ...rows.map((row) => cells(...row)),
    ])
  }

  async export(ctx: HttpContext) {
    const { viewer, described, name } = chosen(ctx)
    const period = await periodOf(ctx, viewer)
    const { columns, rows, leftOut } = await described.make(viewer, period)
    const keyOf = (text: string) => text.toLowerCase().replaceAll(' ', '_')
    ctx.response.header('Cache-Control', 'private, no-store')
    return {
      report: name,
      ...period,
      rules: described.rules,
      left_out: leftOut,
      data: rows.map((row) =>
        Object.fromEntries(columns.map((column, index) => [keyOf(column.name), row[index] ?? null]))
      ),
    }
  }
}

/** The report of the address, where the role of the viewer may open it. Throws E_NOT_FOUND. */
function chosen({ auth, params }: HttpContext) {
  const viewer = auth.use('web').getUserOrFail()
  const name = params.name as HouseReportName
  const described = HOUSE_REPORTS[name]
  if (!described.roles.includes(viewer.role)) {
    throw new E_NOT_FOUND()
  }
  return { viewer, name, described }
}

/** What of the address cannot be read counts as not said: the last week. */
async function periodOf({ request }: HttpContext, viewer: User): Promise<Period> {
  const [, query] = await statsValidator.tryValidate(filled(request.qs()))
  const zone = viewer.timeZone
  const to = query?.to ?? (DateTime.now().setZone(zone).toISODate() as string)
  const from = query?.from ?? addDays(to, -6)
  return { from: isPeriod(from, to) ? from : addDays(to, -6), to, zone }
}
