/*
|--------------------------------------------------------------------------
| Pages
|--------------------------------------------------------------------------
*/
import { controllers } from '#generated/controllers'
import { ROLES } from '#models/user'
import { everybody, NUMBER, only, UUID } from '#start/routes/shared'
import router from '@adonisjs/core/services/router'

const DAY = /^20\d{2}-\d{2}-\d{2}$/

const people = only(ROLES)
const setUp = only(['owner', 'admin'])
const picturesOf = only(['owner', 'manager', 'member'])

router.get('login', [controllers.Session, 'create']).as('session.create').use(everybody)
router.post('login', [controllers.Session, 'store']).as('session.store').use(everybody)
router.post('logout', [controllers.Session, 'destroy']).as('session.destroy').use(people)
router.get('welcome', [controllers.Welcome, 'show']).as('welcome.show').use(everybody)
router.post('welcome/dismiss', [controllers.Welcome, 'dismiss']).as('welcome.dismiss').use(people)
router.post('theme', [controllers.Theme, 'store']).as('theme.store').use(everybody)
router.get('transparency', [controllers.Transparency, 'show']).as('transparency').use(everybody)

router.get('/', [controllers.Overview, 'index']).as('overview').use(people)

router.get('agents', [controllers.Agents, 'index']).as('agents.index').use(people)
router.get('agents/new', [controllers.Agents, 'create']).as('agents.create').use(setUp)
router.post('agents/codes', [controllers.EnrolmentCodes, 'store']).as('codes.store').use(setUp)
router
  .get('enrol', [controllers.EnrolmentRequests, 'index'])
  .as('enrolment_requests.index')
  .use(setUp)
router
  .get('enrol/:code', [controllers.EnrolmentRequests, 'show'])
  .as('enrolment_requests.show')
  .use(setUp)
router
  .post('enrol/:code', [controllers.EnrolmentRequests, 'confirm'])
  .as('enrolment_requests.confirm')
  .use(setUp)
router
  .post('enrol/:code/refusal', [controllers.EnrolmentRequests, 'refuse'])
  .as('enrolment_requests.refuse')
  .use(setUp)
router
  .get('agents/:id/health', [controllers.Agents, 'health'])
  .where('id', NUMBER)
  .as('agents.health')
  .use(people)
router
  .get('agents/:id', [controllers.Agents, 'show'])
  .where('id', NUMBER)
  .as('agents.show')
  .use(people)
router
  .post('agents/:id/revocation', [controllers.Revocations, 'store'])
  .where('id', NUMBER)
  .as('revocations.store')
  .use(setUp)

router.get('records', [controllers.Records, 'index']).as('records.index').use(people)
router
  .get('activities/:id', [controllers.Activities, 'show'])
  .where('id', UUID)
  .as('activities.show')
  .use(people)
router
  .delete('activities/:id', [controllers.Activities, 'destroy'])
  .where('id', UUID)
  .as('activities.destroy')
  .use(picturesOf)

router.get('screenshots', [controllers.Screenshots, 'index']).as('screenshots.index').use(people)
router
  .get('screenshots/:id', [controllers.Screenshots, 'show'])
  .where('id', UUID)
  .as('screenshots.show')
  .use(people)
router
  .delete('screenshots/:id', [controllers.Screenshots, 'destroy'])
  .where('id', UUID)
  .as('screenshots.destroy')
  .use(picturesOf)

router
  .post('screenshots/purposes', [controllers.Purposes, 'storeForPictures'])
  .as('screenshots.purposes.store')
  .use(only(['owner', 'manager']))

router
  .group(() => {
    router.post('deletion', [controllers.ScreenshotSelections, 'destroy']).as('destroy')
    router.post('hold', [controllers.ScreenshotSelections, 'hold']).as('hold')
  })
  .prefix('screenshots/selection')
  .as('screenshots.selection')
  .use(only(['owner', 'manager']))

router
  .post('people/purposes', [controllers.Purposes, 'storeForPeople'])
  .as('people.list.purposes.store')
  .use(only(['owner', 'manager']))

router
  .group(() => {
    router.get('', [controllers.People, 'index']).as('index')
    router.get('table.csv', [controllers.People, 'download']).as('download')
    router.get(':id', [controllers.People, 'show']).as('show')
    router.post(':id/purposes', [controllers.Purposes, 'store']).as('purposes.store')
    router.get(':id/days', [controllers.Days, 'index']).as('days.index')
    router.get(':id/days/:date/table.csv', [controllers.Days, 'download']).as('days.download')
    router.get(':id/days/:date/nearest', [controllers.Days, 'nearest']).as('days.nearest')
    router.get(':id/days/:date', [controllers.Days, 'show']).as('days.show')
    router
      .post(':id/days/:date/notes/:note/answer', [controllers.DayNotes, 'answer'])
      .as('notes.answer')
  })
  .prefix('people')
  .as('people')
  .where('id', NUMBER)
  .where('note', NUMBER)
  .where('date', DAY)
  .use(only(['owner', 'admin', 'manager', 'auditor']))

router
  .group(() => {
    router.get('', [controllers.Live, 'index']).as('index')
    router.post('purposes', [controllers.Live, 'store']).as('purposes.store')
  })
  .prefix('live')
  .as('live')
  .use(only(['owner', 'manager']))

router.get('categories', [controllers.Categories, 'index']).as('categories.index').use(people)
router
  .group(() => {
    router.post('', [controllers.Categories, 'store']).as('store')
    router.post('recategorisation', [controllers.Categories, 'recategorise']).as('recategorise')
    router.post('rules', [controllers.Categories, 'assign']).as('rules.assign')
    router.delete('rules/:id', [controllers.Categories, 'removeRule']).as('rules.destroy')
    router.post(':id/rules', [controllers.Categories, 'addRule']).as('rules.store')
    router.delete(':id', [controllers.Categories, 'destroy']).as('destroy')
  })
  .prefix('categories')
  .as('categories')
  .where('id', NUMBER)
  .use(setUp)

router.get('reports/trends', [controllers.Reports, 'trends']).as('reports.trends').use(people)
router
  .get('reports/trends/table.csv', [controllers.Reports, 'download'])
  .as('reports.trends.download')
  .use(people)

router.get('reports', [controllers.HouseReports, 'index']).as('reports.index').use(people)
router
  .group(() => {
    router.get(':name', [controllers.HouseReports, 'show']).as('show')
    router.get(':name/table.csv', [controllers.HouseReports, 'download']).as('download')
    router.get(':name/table.json', [controllers.HouseReports, 'export']).as('export')
  })
  .prefix('reports')
  .as('house_reports')
  .where('name', /^(?:health|access|storage)$/)
  .use(only(['owner', 'admin', 'manager', 'auditor']))

router.get('recordings', [controllers.Recordings, 'index']).as('recordings.index').use(people)
router
  .get('recordings/:id', [controllers.Recordings, 'show'])
  .where('id', UUID)
  .as('recordings.show')
  .use(people)
router
  .delete('recordings/:id', [controllers.Recordings, 'destroy'])
  .where('id', UUID)
  .as('recordings.destroy')
  .use(picturesOf)
router.get('search', [controllers.Search, 'index']).as('search').use(people)

router
  .group(() => {
    router.get('', [controllers.Days, 'show']).as('today')
    router.get('now', [controllers.Days, 'now']).as('now')
    router.get('days', [controllers.Days, 'index']).as('days.index')
    router.get('days/:date/table.csv', [controllers.Days, 'download']).as('days.download')
    router.get('days/:date/nearest', [controllers.Days, 'nearest']).as('days.nearest')
    router.get('days/:date', [controllers.Days, 'show']).as('days.show')
    router.post('days/:date/notes', [controllers.DayNotes, 'store']).as('notes.store')
    router.delete('days/:date/notes/:note', [controllers.DayNotes, 'destroy']).as('notes.destroy')
  })
  .prefix('me')
  .as('me')
  .where('note', NUMBER)
  .where('date', DAY)
  .use(people)

router.get('policies/explain', [controllers.Policies, 'explain']).as('policies.explain').use(people)
router
  .group(() => {
    router.get('', [controllers.Policies, 'index']).as('index')
    router.get('choose', [controllers.Policies, 'choose']).as('choose')
    router.get(':level/:id', [controllers.Policies, 'edit']).as('edit')
  })
  .prefix('policies')
  .as('policies')
  .where('id', NUMBER)
  .use(only(['owner', 'admin', 'auditor']))
router
  .group(() => {
    router.post('', [controllers.Policies, 'update']).as('update')
    router.post('preview', [controllers.Policies, 'preview']).as('preview')
  })
  .prefix('policies/:level/:id')
  .as('policies')
  .where('id', NUMBER)
  .use(setUp)

router
  .group(() => {
    router.get('audit', [controllers.Audit, 'index']).as('audit.index')
    router.get('audit/log.csv', [controllers.Audit, 'download']).as('audit.download')
    router.get('audit/log.json', [controllers.Audit, 'export']).as('audit.export')
  })
  .use(only(['owner', 'admin', 'auditor']))

router
  .group(() => {
    router.get('agents/:id/edit', [controllers.Agents, 'edit']).as('agents.edit')
    router.post('agents/:id', [controllers.Agents, 'update']).as('agents.update')
  })
  .where('id', NUMBER)
  .use(setUp)

router.get('me/access', [controllers.Accesses, 'index']).as('accesses.index').use(people)

/** The addresses of the system that WorkSight follows. */
for (const address of ['monitoring/dashboard', 'admin']) {
  router
    .get(address, ({ response }) => response.redirect().toRoute('overview'))
    .as(`former.${address}`)
    .use(people)
}
