/*
|--------------------------------------------------------------------------
| Files that a crash left without a row
|--------------------------------------------------------------------------
*/
import { MediaReaper } from '#services/media_reaper'
import { onceMigrated } from '#start/migrated'
import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'

const reaper = new MediaReaper(logger)

onceMigrated(() => reaper.start())
app.terminating(() => reaper.stop())
