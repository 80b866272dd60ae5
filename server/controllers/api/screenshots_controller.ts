import { LIMITS } from '#contract/limits'
import { screenshotValidator, type Screenshot } from '#contract/screenshot'
import { E_INVALID, E_ON_HOLD } from '#exceptions/api_errors'
import ScreenshotRow from '#models/screenshot'
import { purposeOfListing, purposeOfRequest } from '#services/api_purpose'
import { keysetPage, pageAnswer } from '#services/keyset'
import { storeMedium, type ComparedFile } from '#services/media_ingest'
import { answerOf, send } from '#services/observation_answer'
import { readPicture } from '#services/picture'
import { screenshotJson } from '#services/presentation'
import { deleteMedium } from '#services/media_removal'
import { agentsWithPicturesFor, visibleScreenshot } from '#services/visible'
import { listingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** Pictures of displays. */
export default class ScreenshotsController {
  async index(ctx: HttpContext) {
    const { auth, request, response } = ctx
    const listing = await listingValidator.validate(request.qs())
    const viewer = auth.use('api').getUserOrFail()
    await purposeOfListing(ctx, viewer, listing)
    const agents = agentsWithPicturesFor(viewer)
    const { rows, next } = await keysetPage({ model: ScreenshotRow, agents }, listing, request)
    return pageAnswer(response, rows.map(screenshotJson), next)
  }

  async store(ctx: HttpContext) {
    const result = await storeMedium(ctx, {
      kind: 'screenshot',
      maxBytes: LIMITS.screenshotBytes,
      validate: (description) => screenshotValidator.validate(description),
      compare,
      peekBytes: null,
    })
    return send(ctx.response, answerOf(result))
  }

  async show(ctx: HttpContext) {
    const viewer = ctx.auth.use('api').getUserOrFail()
    const screenshot = await visibleScreenshot(viewer, ctx.params.id)
    await purposeOfRequest(ctx, viewer, screenshot.agent.personId)
    return screenshotJson(screenshot)
  }

  async destroy({ auth, params, request, response }: HttpContext) {
    const user = auth.use('api').getUserOrFail()
    const address = request.ip()
    if (
      (await deleteMedium({ user, address }, await visibleScreenshot(user, params.id))) === 'held'
    ) {
      throw new E_ON_HOLD()
    }
    return response.noContent()
  }
}

/** Refuses a picture that is not the one described. */
async function compare(screenshot: Screenshot, file: ComparedFile) {
  const picture = await readPicture(file.path)
  if (picture.mediaType !== screenshot.media_type) {
    throw new E_INVALID(`The file is ${picture.mediaType}`, { field: 'media_type' })
  }
  if (picture.width !== screenshot.width || picture.height !== screenshot.height) {
    const size = `${picture.width} × ${picture.height}`
    throw new E_INVALID(`The picture is ${size} pixels`, { field: 'width' })
  }
}
