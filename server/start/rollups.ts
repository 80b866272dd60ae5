/*
|--------------------------------------------------------------------------
| Sums by the hour and by the day
|--------------------------------------------------------------------------
*/
import { events } from '#generated/events'
import { keeper } from '#services/rollups/keeper'
import { onceMigrated } from '#start/migrated'
import app from '@adonisjs/core/services/app'
import emitter from '@adonisjs/core/services/emitter'
import logger from '@adonisjs/core/services/logger'

emitter.on(events.ObservationsStored, () => keeper.note())
onceMigrated(() => keeper.start(logger))
app.terminating(() => keeper.stop())
