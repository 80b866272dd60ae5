import { E_INVALID, E_NOT_FOUND } from '#exceptions/api_errors'
import User from '#models/user'
import { record } from '#services/audit'
import {
  askForExport,
  exportFile,
  exportsFor,
  ownExport,
  removeExport,
  retryExport,
} from '#services/exports'
import { exportValidator } from '#validators/exports'
import { filled } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

/** Zips of everything about a person: everybody their own, the owner anybody's and with a purpose. */
export default class ExportsController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const state = { exports: await exportsFor(viewer), now: Date.now() }
    if (request.header('HX-Request')) {
      return view.render('partials/exports', state)
    }
    return view.render('pages/exports/index', {
      ...state,
      people: viewer.role === 'owner' ? await User.query().orderBy('full_name').limit(1000) : [],
    })
  }

  async store({ auth, request, response, session }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const { person_id: id, purpose } = await request.validateUsing(exportValidator, {
      data: filled(request.body()),
    })
    const isSelf = id === viewer.id
    const person = isSelf || viewer.role === 'owner' ? await User.find(id) : null
    if (!person) {
      throw new E_NOT_FOUND()
    }
    if (!isSelf && !purpose) {
      session.flash('error', 'Say why you take the data of another person along')
      return response.redirect().toRoute('exports.index')
    }
    await askForExport(viewer, person, isSelf ? null : (purpose ?? null), request.ip())
    session.flash('success', 'The export is being made; it stands below when it is done')
    return response.redirect().toRoute('exports.index')
  }

  /** The file, once it is whole and until it expires; each time it is taken is written down before. */
  async download({ auth, params, request, response }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const address = request.ip()
    const wanted = await ownExport(viewer, params.id)
    if (!wanted?.isHereAt(Date.now())) {
      throw new E_NOT_FOUND('This export is not there, or not any more')
    }
    const handle = await open(exportFile(wanted)).catch((cause: unknown) => {
      throw new E_NOT_FOUND('The file of this export is missing', { cause })
    })
    const written = record({
      ...{ kind: 'look', action: 'export_download', actor: 'user', actor_id: viewer.id, address },
      ...{ person_id: wanted.personId, agent_id: null, object_id: String(wanted.id) },
      ...{ purpose: wanted.purpose, details: null },
    })
    await written.catch(async (error: unknown) => {
      await handle.close()
      throw error
    })
    const { size } = await handle.stat()
    response.header('content-type', 'application/zip')
    response.header('content-length', size)
    response.header(
      'content-disposition',
      `attachment; filename="worksight-${wanted.personId}.zip"`
    )
    response.header('cache-control', 'private, no-store')
    return response.stream(createReadStream('', { fd: handle }))
  }

  async update({ auth, params, response, session }: HttpContext) {
    const failed = await ownExport(auth.use('web').getUserOrFail(), params.id)
    if (!failed) {
      throw new E_NOT_FOUND()
    }
    if (failed.state !== 'failed') {
      throw new E_INVALID('Only an export that failed can be tried again')
    }
    await retryExport(failed)
    session.flash('success', 'It is tried once more')
    return response.redirect().toRoute('exports.index')
  }

  async destroy({ auth, params, response, session }: HttpContext) {
    const wanted = await ownExport(auth.use('web').getUserOrFail(), params.id)
    if (!wanted) {
      throw new E_NOT_FOUND()
    }
    await removeExport(wanted)
    session.flash('success', 'The export and its file are gone')
    return response.redirect().toRoute('exports.index')
  }
}
