import env from '#start/env'
import { MediaLibrary } from '#services/media_library'
import app from '@adonisjs/core/services/app'

/** The library of this server, under STORAGE_PATH; sealed under MEDIA_KEY where that is set. */
export const media = new MediaLibrary(
  app.makePath(env.get('STORAGE_PATH', 'storage/media')),
  env.get('MEDIA_KEY')?.release() ?? null
)
