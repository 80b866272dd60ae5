import type AuditEntry from '#models/audit_entry'
import User from '#models/user'
import { auditRows, boundsOf } from '#services/audit_log'
import { auditState } from '#services/audit_state'
import { actionWords, detailLines } from '#services/audit_words'
import { cells, csv } from '#services/csv'
import { auditFilterValidator, filled } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** Rows on one page, and in one file. */
const PAGE = 100
const MOST_IN_FILE = 50_000

/** Who looked at whom, who changed what, who signed in. */
export default class AuditController {
  async index({ request, view }: HttpContext) {
    const [, filter] = await auditFilterValidator.tryValidate(filled(request.qs()))
    const { before, ...wanted } = filter ?? {}
    const query = auditRows(wanted, await boundsOf(wanted))
      .preload('person')
      .limit(PAGE + 1)
    const rows = await (before ? query.where('id', '<', before) : query)
    const shown = rows.slice(0, PAGE)
    const search = new URLSearchParams(
      Object.entries(wanted).flatMap(([name, value]): [string, string][] =>
        value ? [[name, String(value)]] : []
      )
    )
    const older = new URLSearchParams([...search, ['before', String(shown.at(-1)?.id ?? 0)]])
    return view.render('pages/audit/index', {
      rows: shown,
      actionWords,
      detailLines,
      people: await User.query().select('id', 'full_name').orderBy('full_name'),
      filter: wanted,
      isFiltered: search.size > 0,
      query: search.size > 0 ? `?${search.toString()}` : '',
      older: rows.length > PAGE ? `/audit?${older.toString()}` : null,
      log: await auditState(),
    })
  }

  /** The same rows as a file, newest first. */
  async download({ request, response }: HttpContext) {
    const rows = await rowsFor(request)
    response.attachment('audit-log.csv')
    const head = ['id', 'at', 'kind', 'action', 'actor', 'actor_id', 'person_id', 'agent_id']
    return response
      .type('text/csv; charset=utf-8')
      .send(
        csv([
          [...head, 'object', 'purpose', 'address', 'details', 'hash'],
          ...rows.map((row) =>
            cells(
              ...[
                Number(row.id),
                new Date(Number(row.at)).toISOString(),
                row.kind,
                row.action,
                row.actor,
              ],
              ...[row.actorId, row.personId, row.agentId, row.objectId, row.purpose, row.address],
              ...[row.details, row.hash]
            )
          ),
        ])
      )
  }

  /** The same as JSON, as the rows were sealed. */
  async export({ request, response }: HttpContext) {
    const rows = await rowsFor(request)
    response.attachment('audit-log.json')
    return response.json({ data: rows.map(rowJson) })
  }
}

async function rowsFor(request: HttpContext['request']) {
  const [, filter] = await auditFilterValidator.tryValidate(filled(request.qs()))
  const wanted = filter ?? {}
  return auditRows(wanted, await boundsOf(wanted)).limit(MOST_IN_FILE)
}

function rowJson(row: AuditEntry) {
  return {
    id: Number(row.id),
    at: new Date(Number(row.at)).toISOString(),
    kind: row.kind,
    action: row.action,
    actor: row.actor,
    actor_id: row.actorId,
    person_id: row.personId,
    agent_id: row.agentId,
    object: row.objectId,
    purpose: row.purpose,
    address: row.address,
    details: row.details,
    previous_hash: row.previousHash,
    hash: row.hash,
  }
}
