/*
|--------------------------------------------------------------------------
| The API and the bytes of pictures
|--------------------------------------------------------------------------
*/
import { controllers } from '#generated/controllers'
import { ROLES } from '#models/user'
import { middleware } from '#start/kernel'
import { throttleEnrolments } from '#start/limiter'
import router from '@adonisjs/core/services/router'
import '#start/transmit'

const agent = middleware.allow('agent')
const people = middleware.allow({ api: ROLES })
const admins = middleware.allow({ api: ['owner', 'admin'] })

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const SESSION = /^(?:\d{1,9}-20\d{2}-\d{2}-\d{2}-\d{1,3}|manual-[0-9a-f-]{36})$/
const NUMBER = { match: /^\d{1,9}$/, cast: (value: string) => Number(value) }

router
  .group(() => {
    router
      .post('enrolments', [controllers.api.Enrolments, 'store'])
      .use([middleware.allow('anonymous'), throttleEnrolments])

    router.post('observations', [controllers.api.Observations, 'store']).use(agent)

    router.get('agents/me', [controllers.api.AgentConfigurations, 'show']).use(agent)
    router
      .post('agents/me/acknowledgements', [controllers.api.AgentConfigurations, 'acknowledge'])
      .use(agent)
    router.get('policies/explain', [controllers.api.Policies, 'explain']).use(people)
    router
      .get('policies/:level/:id', [controllers.api.Policies, 'show'])
      .use(middleware.allow({ api: ['owner', 'admin', 'auditor'] }))
    router.put('policies/:level/:id', [controllers.api.Policies, 'update']).use(admins)

    router.get('agents', [controllers.api.Agents, 'index']).use(people)
    router.post('agents', [controllers.api.Agents, 'store']).use(admins)
    router.get('agents/:id', [controllers.api.Agents, 'show']).where('id', NUMBER).use(people)
    router.get('agents/:id/gaps', [controllers.api.Agents, 'gaps']).where('id', NUMBER).use(people)

    router.get('heartbeats', [controllers.api.Heartbeats, 'index']).use(people)
    router.post('heartbeats', [controllers.api.Heartbeats, 'store']).use(agent)
    router.get('heartbeats/:id', [controllers.api.Heartbeats, 'show']).where('id', UUID).use(people)

    router.get('sessions', [controllers.api.Sessions, 'index']).use(people)
    router.post('sessions', [controllers.api.Sessions, 'store']).use(people)
    router.get('sessions/:id', [controllers.api.Sessions, 'show']).where('id', SESSION).use(people)
    router
      .delete('sessions/:id', [controllers.api.Sessions, 'destroy'])
      .where('id', SESSION)
      .use(people)
    router.get('stats/hourly', [controllers.api.Stats, 'hourly']).use(people)
    router.get('stats/daily', [controllers.api.Stats, 'daily']).use(people)
    router.get('stats/trends', [controllers.api.Stats, 'trends']).use(people)
    router.get('stats/explain', [controllers.api.Stats, 'explain']).use(people)

    router.get('screenshots', [controllers.api.Screenshots, 'index']).use(people)
    router.post('screenshots', [controllers.api.Screenshots, 'store']).use(agent)
    router
      .get('screenshots/:id', [controllers.api.Screenshots, 'show'])
      .where('id', UUID)
      .use(people)
    router
      .delete('screenshots/:id', [controllers.api.Screenshots, 'destroy'])
      .where('id', UUID)
      .use(middleware.allow({ api: ['owner', 'manager', 'member'] }))
    router
      .get('screenshots/:id/image', [controllers.Media, 'screenshot'])
      .where('id', UUID)
      .use(people)
    router
      .get('screenshots/:id/thumbnail', [controllers.Media, 'thumbnail'])
      .where('id', UUID)
      .use(people)

    router.post('recordings', [controllers.api.Recordings, 'store']).use(agent)
    router
      .get('recordings/:id/video', [controllers.Media, 'recording'])
      .where('id', UUID)
      .use(people)
  })
  .prefix('api')
  .as('api')

router
  .group(() => {
    router.get(':id', [controllers.Media, 'screenshot']).as('screenshot')
    router.get(':id/thumb', [controllers.Media, 'thumbnail']).as('thumbnail')
  })
  .prefix('media/screenshots')
  .where('id', UUID)
  .as('media')
  .use([middleware.session(), middleware.allow({ page: ROLES })])

router
  .get('media/recordings/:id', [controllers.Media, 'recording'])
  .where('id', UUID)
  .as('media.recording')
  .use([middleware.session(), middleware.allow({ page: ROLES })])

router
  .group(() => {
    router.get('live', [controllers.Health, 'live'])
    router.get('ready', [controllers.Health, 'ready'])
  })
  .prefix('health')
  .as('health')
  .use(middleware.allow('anonymous'))
