/*
|--------------------------------------------------------------------------
| One's own: pause, notice, data
|--------------------------------------------------------------------------
*/
import { controllers } from '#generated/controllers'
import { ROLES } from '#models/user'
import { NUMBER, only } from '#start/routes/shared'
import router from '@adonisjs/core/services/router'

const people = only(ROLES)
const deciders = only(['owner', 'admin'])

router.get('me/pause', [controllers.MePauses, 'show']).as('me_pause.show').use(people)
router.post('me/pause', [controllers.MePauses, 'store']).as('me_pause.store').use(people)
router.post('me/pause/end', [controllers.MePauses, 'destroy']).as('me_pause.destroy').use(people)

router.get('me/notice', [controllers.MeNotices, 'show']).as('me_notice.show').use(people)
router
  .get('me/notice/acknowledgements.json', [controllers.MeNotices, 'download'])
  .as('me_notice.download')
  .use(people)

router.get('me/data', [controllers.MeData, 'show']).as('me_data.show').use(people)
router.post('me/data/export', [controllers.MeData, 'export']).as('me_data.export').use(people)
router.post('me/data/requests', [controllers.MeData, 'store']).as('me_data.store').use(people)

router
  .get('requests', [controllers.SubjectRequests, 'index'])
  .as('subject_requests.index')
  .use(deciders)
router
  .post('requests/:id', [controllers.SubjectRequests, 'update'])
  .where('id', NUMBER)
  .as('subject_requests.update')
  .use(deciders)

router
  .group(() => {
    router.get('', [controllers.Exports, 'index']).as('index')
    router.post('', [controllers.Exports, 'store']).as('store')
    router.get(':id/file', [controllers.Exports, 'download']).as('download')
    router.post(':id/retry', [controllers.Exports, 'update']).as('update')
    router.delete(':id', [controllers.Exports, 'destroy']).as('destroy')
  })
  .prefix('exports')
  .as('exports')
  .where('id', NUMBER)
  .use(people)
