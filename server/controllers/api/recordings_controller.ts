import { LIMITS } from '#contract/limits'
import { recordingValidator, type Recording } from '#contract/recording'
import { E_INVALID, E_ON_HOLD } from '#exceptions/api_errors'
import RecordingRow from '#models/recording'
import { purposeOfListing, purposeOfRequest } from '#services/api_purpose'
import { storeMedium, type ComparedFile } from '#services/media_ingest'
import { answerOf, send } from '#services/observation_answer'
import { keysetPage, pageAnswer } from '#services/keyset'
import { deleteMedium } from '#services/media_removal'
import { recordingJson } from '#services/presentation'
import { readVideo } from '#services/video'
import { agentsWithPicturesFor, visibleRecording } from '#services/visible'
import { listingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** The beginning of a segment, which says what it is: the recorder describes it before its frames. */
const HEAD_BYTES = 1024 * 1024

/** Segments of recordings of displays. */
export default class RecordingsController {
  async index(ctx: HttpContext) {
    const { auth, request, response } = ctx
    const listing = await listingValidator.validate(request.qs())
    const viewer = auth.use('api').getUserOrFail()
    await purposeOfListing(ctx, viewer, listing)
    const agents = agentsWithPicturesFor(viewer)
    const { rows, next } = await keysetPage({ model: RecordingRow, agents }, listing, request)
    return pageAnswer(response, rows.map(recordingJson), next)
  }

  async show(ctx: HttpContext) {
    const viewer = ctx.auth.use('api').getUserOrFail()
    const recording = await visibleRecording(viewer, ctx.params.id)
    await purposeOfRequest(ctx, viewer, recording.agent.personId)
    return recordingJson(recording)
  }

  async destroy({ auth, params, request, response }: HttpContext) {
    const user = auth.use('api').getUserOrFail()
    const address = request.ip()
    if (
      (await deleteMedium({ user, address }, await visibleRecording(user, params.id))) === 'held'
    ) {
      throw new E_ON_HOLD()
    }
    return response.noContent()
  }

  async store(ctx: HttpContext) {
    const result = await storeMedium(ctx, {
      kind: 'recording',
      maxBytes: LIMITS.recordingBytes,
      validate: (description) => recordingValidator.validate(description),
      compare,
      peekBytes: HEAD_BYTES,
    })
    return send(ctx.response, answerOf(result))
  }
}

/** A segment that is called complete has to be whole; one that was cut off plays to where it ends. */
async function compare(recording: Recording, file: ComparedFile) {
  const video = await readVideo(file.path)
  if (video.mediaType !== recording.media_type) {
    throw new E_INVALID(`The file is ${video.mediaType}`, { field: 'media_type' })
  }
  if (recording.complete && !file.isPart && !video.isWhole) {
    throw new E_INVALID('The video ends before its end', { field: 'file' })
  }
}
