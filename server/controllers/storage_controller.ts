import { E_NOT_FOUND } from '#exceptions/api_errors'
import { recordChange, type Actor } from '#services/audit'
import {
  driveBaseUrl,
  driveSettings,
  oauthClientOf,
  saveDrive,
  storedDrive,
} from '#services/drive/drive_settings'
import { checkDisk } from '#services/storage/checks'
import { DISKS, DiskError, isDiskName } from '#services/storage/disk'
import { diskState, waitingFor } from '#services/storage/disk_state'
import { googleDrive } from '#services/storage/disks'
import {
  chosenDisks,
  diskOfSite,
  knownSites,
  s3Settings,
  setChosenDisks,
} from '#services/storage/settings'
import env from '#start/env'
import { disksValidator, driveValidator, returnValidator } from '#validators/storage'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'
import { createHash, randomBytes } from 'node:crypto'

const CALLBACK = '/settings/storage/google-drive/callback'

/** Where pictures and recordings stand, of each site, and what stands behind it. */
export default class StorageController {
  async index({ view, session }: HttpContext) {
    const [sites, stored, drive] = await Promise.all([knownSites(), storedDrive(), driveSettings()])
    const s3 = s3Settings()
    return view.render('pages/settings/storage', {
      disks: await Promise.all(
        DISKS.map(async (name) => ({
          name,
          ...(await diskState(name)),
          ...(await waitingFor(name)),
        }))
      ),
      sites: await Promise.all(
        sites.map(async (site) => ({ name: site, disk: await diskOfSite(site) }))
      ),
      path: env.get('STORAGE_PATH', 'storage/media'),
      s3: s3 && { bucket: s3.bucket, region: s3.region, endpoint: s3.endpoint },
      drive: {
        kind: drive.credential.kind,
        keyFile: drive.credential.kind === 'service account' ? drive.credential.keyFile : '',
        folderId: drive.folderId ?? '',
        clientId: stored.client_id ?? '',
        hasSecret: Boolean(stored.client_secret),
        hasClient: oauthClientOf(stored) !== null,
        callback: callbackUrl(),
        quota: await quotaOf(drive.credential.kind),
      },
      checked: session.flashMessages.get('checked') ?? null,
    })
  }

  /** Which site's media go where, from now on. */
  async update({ auth, request, response, session }: HttpContext) {
    const { disks } = await request.validateUsing(disksValidator)
    const known = await knownSites()
    const chosen = Object.fromEntries(
      disks.filter(({ site }) => known.includes(site)).map(({ site, disk }) => [site, disk])
    )
    const before = { sites: await chosenDisks() }
    const actor = actorOf({ auth, request })
    await db.transaction(async (trx) => {
      await setChosenDisks(trx, chosen)
      const object = { type: 'setting', id: 'storage_sites' }
      await recordChange(trx, actor, 'settings.update', object, before, { sites: chosen })
    })
    session.flash(
      'success',
      'Saved. What is here already stays where it is: "storage:move" moves it'
    )
    return response.redirect().toRoute('storage.index')
  }

  /** What Google Drive needs. An empty secret leaves the one that is kept. */
  async updateDrive({ auth, request, response, session }: HttpContext) {
    const form = await request.validateUsing(driveValidator)
    const actor = actorOf({ auth, request })
    await db.transaction(async (trx) => {
      await saveDrive(trx, {
        folder_id: form.folder_id ?? null,
        key_file: form.key_file ?? null,
        client_id: form.client_id ?? null,
        ...(form.client_secret ? { client_secret: form.client_secret } : {}),
      })
      const { client_secret: secret, ...shown } = form
      const object = { type: 'setting', id: 'google_drive' }
      const after = { ...shown, client_secret: secret ? 'changed' : 'as before' }
      await recordChange(trx, actor, 'settings.update', object, null, after)
    })
    session.flash('success', 'Saved. Check says whether it works')
    return response.redirect().toRoute('storage.index')
  }

  async check({ params, response, session }: HttpContext) {
    if (!isDiskName(params.disk)) {
      throw new E_NOT_FOUND()
    }
    session.flash('checked', { disk: params.disk, steps: await checkDisk(params.disk) })
    return response.redirect().toRoute('storage.index')
  }

  /** Sends the browser to Google, with a challenge whose answer stays in the session (PKCE). */
  async connect({ response, session }: HttpContext) {
    const client = oauthClientOf(await storedDrive())
    if (!client) {
      session.flash('error', 'Save the id and the secret of an OAuth client first')
      return response.redirect().toRoute('storage.index')
    }
    const state = randomBytes(24).toString('base64url')
    const verifier = randomBytes(48).toString('base64url')
    session.put('google_drive', { state, verifier })
    const { DriveConsent } = await import('#services/drive/drive_client')
    const consent = new DriveConsent(client, callbackUrl(), driveBaseUrl())
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    return response.redirect().toPath(await consent.address(state, challenge))
  }

  /** Google sends the browser back here. */
  async callback({ auth, request, response, session }: HttpContext) {
    const [, answer] = await returnValidator.tryValidate(request.qs())
    const started: { state: string; verifier: string } | null = session.pull('google_drive', null)
    const client = oauthClientOf(await storedDrive())
    if (!answer || !started || answer.state !== started.state || !client || !answer.code) {
      session.flash('error', 'Google Drive was not connected: begin again from here')
      return response.redirect().toRoute('storage.index')
    }
    try {
      const { DriveConsent } = await import('#services/drive/drive_client')
      const consent = new DriveConsent(client, callbackUrl(), driveBaseUrl())
      const token = await consent.exchange(answer.code, started.verifier)
      const actor = actorOf({ auth, request })
      await db.transaction(async (trx) => {
        await saveDrive(trx, { refresh_token: token })
        const object = { type: 'setting', id: 'google_drive' }
        await recordChange(trx, actor, 'settings.update', object, null, { connected: true })
      })
      session.flash('success', 'Google Drive is connected')
    } catch (error) {
      if (!(error instanceof DiskError)) {
        throw error
      }
      session.flash('error', `${error.message}. Begin again from here`)
    }
    return response.redirect().toRoute('storage.index')
  }

  async disconnect({ auth, request, response, session }: HttpContext) {
    const actor = actorOf({ auth, request })
    await db.transaction(async (trx) => {
      await saveDrive(trx, { refresh_token: null })
      const object = { type: 'setting', id: 'google_drive' }
      await recordChange(trx, actor, 'settings.update', object, null, { connected: false })
    })
    session.flash('success', 'Google Drive is disconnected')
    return response.redirect().toRoute('storage.index')
  }
}

function callbackUrl(): string {
  return new URL(CALLBACK, env.get('APP_URL')).href
}

function actorOf({ auth, request }: Pick<HttpContext, 'auth' | 'request'>): Actor {
  return { user: auth.use('web').getUserOrFail(), address: request.ip() }
}

/** What of a person's Drive is used; null where it cannot be said now. */
async function quotaOf(kind: string) {
  if (kind !== 'user') {
    return null
  }
  try {
    return await (await googleDrive()).client.quota()
  } catch (error) {
    if (error instanceof DiskError) {
      return null
    }
    throw error
  }
}
