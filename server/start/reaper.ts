/*
|--------------------------------------------------------------------------
| Files that a crash left without a row
|--------------------------------------------------------------------------
*/
import { MediaReaper } from '#services/media_reaper'
import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'

const reaper = new MediaReaper(logger)

app.ready(() => reaper.start())
app.terminating(() => reaper.stop())
