import AuditEntry from '#models/audit_entry'
import { purposesGivenFor } from '#services/purpose'
import { beforeValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** Lines on one page. */
const PAGE = 200

type Looks = { readonly first: AuditEntry; readonly count: number }

/** Looks of one person in one minute, at one kind of picture, are one line: a page of thumbnails is one look. */
function together(rows: readonly AuditEntry[]): Looks[] {
  const looks: { first: AuditEntry; count: number }[] = []
  for (const row of rows) {
    const last = looks.at(-1)
    if (last && isSameLook(last.first, row)) {
      last.count += 1
    } else {
      looks.push({ first: row, count: 1 })
    }
  }
  return looks
}

function isSameLook(one: AuditEntry, other: AuditEntry): boolean {
  return (
    one.actorId === other.actorId &&
    one.action === other.action &&
    one.address === other.address &&
    one.agentId === other.agentId &&
    Math.floor(one.at / 60_000) === Math.floor(other.at / 60_000)
  )
}

/** Who looked at one's own pictures. */
export default class AccessesController {
  async index({ auth, request, view }: HttpContext) {
    const { before } = await request.validateUsing(beforeValidator, { data: request.qs() })
    const query = AuditEntry.query()
      .withScopes((scopes) => scopes.looks())
      .where('person_id', auth.use('web').getUserOrFail().id)
      .preload('viewer')
      .preload('agent')
      .orderBy('id', 'desc')
      .limit(PAGE + 1)
    const rows = await (before ? query.where('id', '<', before) : query)
    const last = rows.length > PAGE ? rows[PAGE - 1] : undefined
    const looks = together(rows.slice(0, PAGE))
    const reasonFor = await purposesGivenFor(auth.use('web').getUserOrFail().id)
    return view.render('pages/accesses/index', {
      looks: looks.map((look) => ({
        ...look,
        reason: look.first.purpose ?? reasonFor(look.first),
      })),
      older: last ? `/me/access?before=${last.id}` : null,
    })
  }
}
