/*
|--------------------------------------------------------------------------
| Events
|--------------------------------------------------------------------------
*/
import { events } from '#generated/events'
import { listeners } from '#generated/listeners'
import emitter from '@adonisjs/core/services/emitter'

emitter.on(events.ObservationsStored, [listeners.LiveUpdates, 'handle'])
