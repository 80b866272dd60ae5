/*
|--------------------------------------------------------------------------
| What developers look at
|--------------------------------------------------------------------------
*/
import { controllers } from '#generated/controllers'
import { only } from '#start/routes/shared'
import app from '@adonisjs/core/services/app'
import router from '@adonisjs/core/services/router'

if (!app.inProduction) {
  router
    .get('dev/components', [controllers.Components, 'index'])
    .as('dev.components')
    .use(only(['owner', 'admin']))
}
