import type { UploadAnswer } from '#contract/upload'
import { startUpload } from '#services/drive/agent_uploads'
import type { HttpContext } from '@adonisjs/core/http'

/** Files that agents send to a disk by themselves. */
export default class UploadsController {
  async store({ auth, request, response }: HttpContext) {
    const agent = auth.use('agent').getUserOrFail()
    const upload = await startUpload(agent, request.body())
    const answer: UploadAnswer = { upload }
    return response.status(upload ? 201 : 200).json(answer)
  }
}
