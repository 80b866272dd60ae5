import { screenshotValidator, type Screenshot } from '#contract/screenshot'
import { E_INVALID } from '#exceptions/api_errors'
import type Agent from '#models/agent'
import ScreenshotRow from '#models/screenshot'
import { findScreenshot, ingestScreenshot } from '#services/ingest'
import { keysetPage } from '#services/keyset'
import { media } from '#services/media'
import type { ReceivedFile } from '#services/media_library'
import { answerResult } from '#services/observation_answer'
import { readPicture } from '#services/picture'
import { screenshotJson } from '#services/presentation'
import { removeScreenshot } from '#services/screenshot_removal'
import { receiveUpload } from '#services/upload'
import { visibleScreenshot, visibleScreenshots } from '#services/visible'
import { listingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** Pictures of displays. */
export default class ScreenshotsController {
  async index({ auth, request }: HttpContext) {
    const listing = await listingValidator.validate(request.qs())
    const query = visibleScreenshots(auth.use('api').getUserOrFail())
    const { rows, next } = await keysetPage(query, listing, request)
    return { data: rows.map(screenshotJson), next }
  }

  /** tmp → hash → sniff → fsync → rename → row: a row never stands without its file. */
  async store(ctx: HttpContext) {
    const agent = ctx.auth.use('agent').getUserOrFail()
    const { description, file } = await receiveUpload(ctx, media)
    try {
      const screenshot = await screenshotValidator.validate(description)
      const known = await findScreenshot(agent, screenshot)
      if (known) {
        return answerResult(ctx.response, known)
      }
      await compare(screenshot, file)
      return answerResult(ctx.response, await this.#keep(agent, screenshot, file))
    } finally {
      await media.discard(file.path)
    }
  }

  async show({ auth, params }: HttpContext) {
    return screenshotJson(await visibleScreenshot(auth.use('api').getUserOrFail(), params.id))
  }

  async destroy({ auth, params, response }: HttpContext) {
    const viewer = auth.use('api').getUserOrFail()
    await removeScreenshot(await visibleScreenshot(viewer, params.id))
    return response.noContent()
  }

  async #keep(agent: Agent, screenshot: Screenshot, file: ReceivedFile) {
    const key = keyOf(agent, screenshot)
    await media.keep(file, key)
    try {
      const result = await ingestScreenshot(agent, screenshot, key)
      if (result.result === 'conflict') {
        await this.#removeUnlessNamed(agent, screenshot, key)
      }
      return result
    } catch (error) {
      await this.#removeUnlessNamed(agent, screenshot, key)
      throw error
    }
  }

  /** A request beside this one may have stored the same file. */
  async #removeUnlessNamed(agent: Agent, { id }: Screenshot, key: string) {
    const row = await ScreenshotRow.query().where({ id, agentId: agent.id }).first()
    if (row?.mediaKey !== key) {
      await media.remove(key)
    }
  }
}

/** Refuses bytes that are not what their description says. */
async function compare(screenshot: Screenshot, file: ReceivedFile) {
  if (file.sha256 !== screenshot.sha256) {
    throw new E_INVALID('The SHA-256 of the file is not the one described', { field: 'sha256' })
  }
  if (file.bytes !== screenshot.bytes) {
    throw new E_INVALID(`The file has ${file.bytes} bytes`, { field: 'bytes' })
  }
  const picture = await readPicture(file.path)
  if (picture.mediaType !== screenshot.media_type) {
    throw new E_INVALID(`The file is ${picture.mediaType}`, { field: 'media_type' })
  }
  if (picture.width !== screenshot.width || picture.height !== screenshot.height) {
    const size = `${picture.width} × ${picture.height}`
    throw new E_INVALID(`The picture is ${size} pixels`, { field: 'width' })
  }
}

/** Server-made, by agent and day: nothing in it comes from the file's own name. */
function keyOf(
  agent: Agent,
  { id, sha256, captured_at: capturedAt, media_type: type }: Screenshot
) {
  const day = new Date(capturedAt).toISOString().slice(0, 10).replaceAll('-', '/')
  return `screenshots/${agent.id}/${day}/${id}-${sha256.slice(0, 16)}.${type.slice('image/'.length)}`
}
