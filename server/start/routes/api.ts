/*
|--------------------------------------------------------------------------
| The API and the bytes of pictures
|--------------------------------------------------------------------------
|
| Beside each route under /api stands what it takes and answers: that is its
| place in /openapi.json. A test fails on a route without it.
|
*/
import { acknowledgementValidator } from '#contract/configuration'
import { activityValidators } from '#contract/activity'
import {
  enrolmentPollValidator,
  enrolmentRequestValidator,
  enrolmentValidator,
} from '#contract/enrolment'
import { eventValidators } from '#contract/batch'
import { heartbeatValidator } from '#contract/heartbeat'
import { LIMITS } from '#contract/limits'
import { RECORDING_MEDIA_TYPES, recordingValidator } from '#contract/recording'
import { SCREENSHOT_MEDIA_TYPES, screenshotValidator } from '#contract/screenshot'
import { storedValidators, uploadValidators } from '#contract/upload'
import { controllers } from '#generated/controllers'
import { ROLES } from '#models/user'
import * as answers from '#services/openapi/answers'
import { anyOf, batchOf, bytes, pageOf, upload } from '#services/openapi/schema'
import '#services/openapi/describe'
import { middleware } from '#start/kernel'
import {
  throttleEnrolmentPolls,
  throttleEnrolmentRequests,
  throttleEnrolments,
} from '#start/limiter'
import * as listing from '#validators/listing'
import { agentValidator } from '#validators/agent'
import { newCategoryValidator, newRuleValidator, windowValidator } from '#validators/categories'
import * as stats from '#validators/stats'
import { explainValidator, policyDraftValidator } from '#validators/policies'
import {
  newCodeValidator,
  teamChangeValidator,
  teamValidator,
  tokenValidator,
} from '#validators/resources'
import { NUMBER, UUID } from '#start/routes/shared'
import router from '@adonisjs/core/services/router'
import '#start/transmit'

const agent = middleware.allow('agent')
const people = middleware.allow({ api: ROLES })
const admins = middleware.allow({ api: ['owner', 'admin'] })
const picturesOf = middleware.allow({ api: ['owner', 'manager', 'member'] })

const SESSION = /^(?:\d{1,9}-20\d{2}-\d{2}-\d{2}-\d{1,3}|manual-[0-9a-f-]{36})$/

const OF_OTHERS =
  'Everybody else whose are asked for needs a purpose, given today or here with `X-Purpose`; without one the answer is 428.'
const OF_ANOTHER =
  'Of somebody else only with a purpose, given today or here with `X-Purpose`; without one the answer is 428.'

/** One observation: made the first time, known after that. */
const stored = { 200: answers.Stored, 201: answers.Stored }

router
  .group(() => {
    router
      .post('enrolments', [controllers.api.Enrolments, 'store'])
      .use([middleware.allow('anonymous'), throttleEnrolments])
      .describe({
        summary: 'Exchange a code for an agent and its token',
        body: enrolmentValidator,
        answers: { 201: answers.Enrolment },
      })
    router
      .post('enrolments/requests', [controllers.api.EnrolmentRequests, 'store'])
      .use([middleware.allow('anonymous'), throttleEnrolmentRequests])
      .describe({
        summary: 'Ask to be let in without a code',
        details:
          'The computer shows `user_code` and the address of a page. There an owner or an admin compares both and says whose computer it is, within ten minutes.',
        body: enrolmentRequestValidator,
        answers: { 201: answers.EnrolmentRequest },
      })
    router
      .post('enrolments/requests/poll', [controllers.api.EnrolmentRequests, 'poll'])
      .use([middleware.allow('anonymous'), throttleEnrolmentPolls])
      .describe({
        summary: 'Ask whether a request was confirmed',
        details:
          'Not more often than `interval` says, in seconds. Once it was confirmed the answer is that of an enrolment, one time.',
        body: enrolmentPollValidator,
        answers: { 201: answers.Enrolment, 202: answers.EnrolmentPending },
      })

    router
      .post('observations', [controllers.api.Observations, 'store'])
      .use(agent)
      .describe({
        summary: 'Send up to a hundred events',
        details: 'Answers for each, in order. A bad event fails no other. The body may be gzipped.',
        body: batchOf(Object.values(eventValidators)),
        answers: { 200: answers.BatchResult },
      })

    router
      .get('agents/me', [controllers.api.AgentConfigurations, 'show'])
      .use(agent)
      .describe({
        summary: 'What an agent is to know',
        details: 'With `Prefer: wait=25` and `If-None-Match` it is held until something changes.',
        answers: { 200: answers.AgentConfiguration },
      })
    router
      .post('agents/me/acknowledgements', [controllers.api.AgentConfigurations, 'acknowledge'])
      .use(agent)
      .describe({
        summary: 'Say that the person read a notice',
        body: acknowledgementValidator,
        answers: { 200: answers.Acknowledged, 201: answers.Acknowledged },
      })

    router
      .get('agents', [controllers.api.Agents, 'index'])
      .use(people)
      .describe({
        summary: 'Computers that you may see',
        query: listing.agentListingValidator,
        answers: { 200: pageOf(answers.Agent) },
      })
    router
      .post('agents', [controllers.api.Agents, 'store'])
      .use(admins)
      .describe({
        summary: 'Make an agent by hand',
        details: 'Its token is shown once.',
        body: agentValidator,
        answers: { 201: answers.NewAgent },
      })
    router
      .get('agents/:id', [controllers.api.Agents, 'show'])
      .where('id', NUMBER)
      .use(people)
      .describe({ summary: 'One computer', answers: { 200: answers.Agent } })
    router
      .delete('agents/:id', [controllers.api.Agents, 'destroy'])
      .where('id', NUMBER)
      .use(admins)
      .describe({
        summary: 'Revoke an agent',
        details:
          'Its token is refused within a second. What it observed stays, and it stays listed.',
        answers: { 204: null },
      })
    router
      .get('agents/:id/gaps', [controllers.api.Agents, 'gaps'])
      .where('id', NUMBER)
      .use(people)
      .describe({
        summary: 'Sequence numbers that have not arrived',
        answers: { 200: answers.Missing },
      })

    router
      .get('heartbeats', [controllers.api.Heartbeats, 'index'])
      .use(people)
      .describe({
        summary: 'Heartbeats, newest first',
        query: listing.listingValidator,
        answers: { 200: pageOf(answers.Heartbeat) },
      })
    router
      .post('heartbeats', [controllers.api.Heartbeats, 'store'])
      .use(agent)
      .describe({ summary: 'Send a heartbeat', body: heartbeatValidator, answers: stored })
    router
      .get('heartbeats/:id', [controllers.api.Heartbeats, 'show'])
      .where('id', UUID)
      .use(people)
      .describe({ summary: 'One heartbeat', answers: { 200: answers.Heartbeat } })

    router
      .get('activities', [controllers.api.Activities, 'index'])
      .use(people)
      .describe({
        summary: 'Windows and presence, newest first',
        details: `${OF_OTHERS} Whoever is in the answer reads that you looked. With \`merged=true\`, \`agent\` and \`kind\`: equal neighbours that lie at most their pulsetime apart are one event.`,
        query: listing.activityListingValidator,
        answers: {
          200: {
            anyOf: [pageOf(answers.Activity), pageOf(answers.JoinedActivity)],
          },
        },
      })
    router
      .post('activities', [controllers.api.Activities, 'store'])
      .use(agent)
      .describe({
        summary: 'Send one event of a window or of presence',
        body: anyOf(Object.values(activityValidators)),
        answers: stored,
      })
    router
      .get('activities/:id', [controllers.api.Activities, 'show'])
      .where('id', UUID)
      .use(people)
      .describe({
        summary: 'One event as it came',
        details: OF_ANOTHER,
        answers: { 200: answers.Activity },
      })
    router
      .delete('activities/:id', [controllers.api.Activities, 'destroy'])
      .where('id', UUID)
      .use(picturesOf)
      .describe({
        summary: 'Delete an event',
        details:
          'Sums, sessions and trends are counted anew without it. It stands in the audit log. What a hold keeps is answered with 409 and stays.',
        answers: { 204: null },
      })

    router
      .get('sessions', [controllers.api.Sessions, 'index'])
      .use(people)
      .describe({
        summary: 'When people worked, newest first',
        details: `${OF_OTHERS} Whoever is in the answer reads that you looked.`,
        query: stats.sessionListingValidator,
        answers: { 200: pageOf(answers.WorkSession) },
      })
    router
      .post('sessions', [controllers.api.Sessions, 'store'])
      .use(people)
      .describe({
        summary: 'Note a span of your own work',
        details: 'It stands beside what was observed and is never counted.',
        body: stats.notedSessionValidator,
        answers: { 201: answers.WorkSession },
      })
    router
      .get('sessions/:id', [controllers.api.Sessions, 'show'])
      .where('id', SESSION)
      .use(people)
      .describe({
        summary: 'One session with its gaps',
        details: OF_ANOTHER,
        answers: { 200: answers.WorkSessionWithGaps },
      })
    router
      .delete('sessions/:id', [controllers.api.Sessions, 'destroy'])
      .where('id', SESSION)
      .use(people)
      .describe({ summary: 'Remove a span that you noted', answers: { 204: null } })

    router
      .get('categories', [controllers.api.Categories, 'index'])
      .use(people)
      .describe({
        summary: 'Categories with their rules, in the order of their tree',
        answers: { 200: answers.Categories },
      })
    router
      .get('categories/test', [controllers.api.Categories, 'test'])
      .use(people)
      .describe({
        summary: 'Which rule takes a window',
        query: windowValidator,
        answers: { 200: answers.CategoryTest },
      })
    router
      .post('categories', [controllers.api.Categories, 'store'])
      .use(admins)
      .describe({
        summary: 'Make a category',
        body: newCategoryValidator,
        answers: { 201: answers.NewCategory },
      })
    router
      .post('categories/recategorisation', [controllers.api.Categories, 'recategorise'])
      .use(admins)
      .describe({
        summary: 'Put what was observed under the rules of today, in the background',
        answers: { 202: answers.Recategorisation },
      })
    router
      .delete('categories/:id', [controllers.api.Categories, 'destroy'])
      .where('id', NUMBER)
      .use(admins)
      .describe({ summary: 'Remove a category with its rules', answers: { 204: null } })
    router
      .post('categories/:id/rules', [controllers.api.Categories, 'addRule'])
      .where('id', NUMBER)
      .use(admins)
      .describe({
        summary: 'Add a rule to a category',
        body: newRuleValidator,
        answers: { 201: answers.CategoryRule },
      })
    router
      .delete('categories/rules/:id', [controllers.api.Categories, 'removeRule'])
      .where('id', NUMBER)
      .use(admins)
      .describe({ summary: 'Remove a rule of a category', answers: { 204: null } })

    router
      .get('me/accesses', [controllers.api.Accesses, 'index'])
      .use(people)
      .describe({
        summary: 'Who looked at your pictures, recordings and days, and why; newest first',
        query: listing.numberedListingValidator,
        answers: { 200: pageOf(answers.Access) },
      })

    router
      .get('stats/hourly', [controllers.api.Stats, 'hourly'])
      .use(people)
      .describe({
        summary: 'Sums by the hour, of one computer or one person',
        query: stats.hourlyValidator,
        answers: { 200: answers.HourlyStats },
      })
    router
      .get('stats/daily', [controllers.api.Stats, 'daily'])
      .use(people)
      .describe({
        summary: 'Sums by the day',
        query: stats.statsValidator,
        answers: { 200: answers.DailyStats },
      })
    router
      .get('stats/trends', [controllers.api.Stats, 'trends'])
      .use(people)
      .describe({
        summary: 'Sums by the day or week beside the period before, and time by category',
        query: stats.statsValidator,
        answers: { 200: answers.Trends },
      })
    router
      .get('stats/explain', [controllers.api.Stats, 'explain'])
      .use(people)
      .describe({
        summary: 'The formula, the inputs and the rules of a figure',
        query: stats.explainValidator,
        answers: { 200: answers.Explanation },
      })

    router
      .post('uploads', [controllers.api.Uploads, 'store'])
      .use(agent)
      .describe({
        summary: 'Ask where a file is to be sent',
        details:
          'With `upload: null` the bytes go to this server. Else they go to the session, and then the key is sent in the place of bytes. Asked again for the same observation, the key is the same.',
        body: anyOf(Object.values(uploadValidators)),
        answers: { 200: answers.UploadHere, 201: answers.Upload },
      })

    router
      .get('screenshots', [controllers.api.Screenshots, 'index'])
      .use(people)
      .describe({
        summary: 'Pictures that you may see, newest first',
        details: OF_OTHERS,
        query: listing.listingValidator,
        answers: { 200: pageOf(answers.Screenshot) },
      })
    router
      .post('screenshots', [controllers.api.Screenshots, 'store'])
      .use(agent)
      .describe({
        summary: 'Send a picture',
        body: upload(screenshotValidator, LIMITS.screenshotBytes, storedValidators.screenshot),
        answers: stored,
      })
    router
      .get('screenshots/:id', [controllers.api.Screenshots, 'show'])
      .where('id', UUID)
      .use(people)
      .describe({
        summary: 'The description of one picture',
        details: OF_ANOTHER,
        answers: { 200: answers.Screenshot },
      })
    router
      .delete('screenshots/:id', [controllers.api.Screenshots, 'destroy'])
      .where('id', UUID)
      .use(picturesOf)
      .describe({
        summary: 'Delete a picture everywhere',
        details: 'It stands in the audit log. What a hold keeps is answered with 409 and stays.',
        answers: { 204: null },
      })
    router
      .get('screenshots/:id/image', [controllers.Media, 'screenshot'])
      .where('id', UUID)
      .use(people)
      .describe({
        summary: 'The bytes of a picture',
        details: `The person sees that you looked. ${OF_ANOTHER}`,
        answers: { 200: bytes(...SCREENSHOT_MEDIA_TYPES) },
      })
    router
      .get('screenshots/:id/thumbnail', [controllers.Media, 'thumbnail'])
      .where('id', UUID)
      .use(people)
      .describe({
        summary: 'A small picture',
        details: `The person sees that you looked. ${OF_ANOTHER}`,
        answers: { 200: bytes('image/webp') },
      })

    router
      .get('recordings', [controllers.api.Recordings, 'index'])
      .use(people)
      .describe({
        summary: 'Segments of recordings that you may see, newest first',
        details: OF_OTHERS,
        query: listing.listingValidator,
        answers: { 200: pageOf(answers.Recording) },
      })
    router
      .post('recordings', [controllers.api.Recordings, 'store'])
      .use(agent)
      .describe({
        summary: 'Send a segment of a recording',
        body: upload(recordingValidator, LIMITS.recordingBytes, storedValidators.recording),
        answers: stored,
      })
    router
      .get('recordings/:id', [controllers.api.Recordings, 'show'])
      .where('id', UUID)
      .use(people)
      .describe({
        summary: 'The description of one segment',
        details: OF_ANOTHER,
        answers: { 200: answers.Recording },
      })
    router
      .delete('recordings/:id', [controllers.api.Recordings, 'destroy'])
      .where('id', UUID)
      .use(picturesOf)
      .describe({
        summary: 'Delete a segment everywhere',
        details: 'It stands in the audit log. What a hold keeps is answered with 409 and stays.',
        answers: { 204: null },
      })
    router
      .get('recordings/:id/video', [controllers.Media, 'recording'])
      .where('id', UUID)
      .use(people)
      .describe({
        summary: 'The bytes of a segment, by ranges too',
        details: `The person sees that you looked. ${OF_ANOTHER}`,
        answers: {
          200: bytes(...RECORDING_MEDIA_TYPES),
          206: bytes(...RECORDING_MEDIA_TYPES),
        },
      })

    router
      .get('gaps', [controllers.api.Gaps, 'index'])
      .use(people)
      .describe({
        summary: 'Times in which something was not observed, and why',
        details: '`kind` is what was not observed.',
        query: listing.gapListingValidator,
        answers: { 200: pageOf(answers.Gap) },
      })
    router
      .get('gaps/:id', [controllers.api.Gaps, 'show'])
      .where('id', UUID)
      .use(people)
      .describe({ summary: 'One gap', answers: { 200: answers.Gap } })
    router
      .get('evictions', [controllers.api.Evictions, 'index'])
      .use(people)
      .describe({
        summary: 'What agents gave up before it could be delivered',
        query: listing.gapListingValidator,
        answers: { 200: pageOf(answers.Eviction) },
      })
    router
      .get('deletions', [controllers.api.Deletions, 'index'])
      .use(people)
      .describe({
        summary: 'What was deleted here on purpose',
        query: listing.gapListingValidator,
        answers: { 200: pageOf(answers.Deletion) },
      })

    router
      .get('people', [controllers.api.People, 'index'])
      .use(people)
      .describe({
        summary: 'People whose records you may see',
        query: listing.peopleListingValidator,
        answers: { 200: pageOf(answers.Person) },
      })
    router
      .get('people/:id', [controllers.api.People, 'show'])
      .where('id', NUMBER)
      .use(people)
      .describe({ summary: 'One person', answers: { 200: answers.Person } })

    router
      .get('teams', [controllers.api.Teams, 'index'])
      .use(people)
      .describe({
        summary: 'Teams that you belong to, manage or run',
        query: listing.numberedListingValidator,
        answers: { 200: pageOf(answers.Team) },
      })
    router
      .post('teams', [controllers.api.Teams, 'store'])
      .use(admins)
      .describe({
        summary: 'Make a team',
        body: teamValidator,
        answers: { 201: answers.Team },
      })
    router
      .get('teams/:id', [controllers.api.Teams, 'show'])
      .where('id', NUMBER)
      .use(people)
      .describe({ summary: 'One team', answers: { 200: answers.Team } })
    router
      .patch('teams/:id', [controllers.api.Teams, 'update'])
      .where('id', NUMBER)
      .use(admins)
      .describe({
        summary: 'Change the name or the managers of a team',
        body: teamChangeValidator,
        answers: { 200: answers.Team },
      })
    router
      .delete('teams/:id', [controllers.api.Teams, 'destroy'])
      .where('id', NUMBER)
      .use(admins)
      .describe({
        summary: 'Remove a team',
        details: 'Its people stay, without a team.',
        answers: { 204: null },
      })

    router
      .get('tokens', [controllers.api.Tokens, 'index'])
      .use(people)
      .describe({ summary: 'Your tokens', answers: { 200: pageOf(answers.Token) } })
    router
      .post('tokens', [controllers.api.Tokens, 'store'])
      .use(people)
      .describe({
        summary: 'Make a token of your own',
        details: 'It is shown once, and may do no more than the one it is made with.',
        body: tokenValidator,
        answers: { 201: answers.NewToken },
      })
    router
      .delete('tokens/:id', [controllers.api.Tokens, 'destroy'])
      .where('id', NUMBER)
      .use(people)
      .describe({ summary: 'Revoke a token of yours', answers: { 204: null } })

    router
      .get('enrolment-codes', [controllers.api.EnrolmentCodes, 'index'])
      .use(admins)
      .describe({
        summary: 'Codes that let computers in',
        query: listing.numberedListingValidator,
        answers: { 200: pageOf(answers.EnrolmentCode) },
      })
    router
      .post('enrolment-codes', [controllers.api.EnrolmentCodes, 'store'])
      .use(admins)
      .describe({
        summary: 'Make a code',
        details: 'It is shown once, with the line to run on the computer.',
        body: newCodeValidator,
        answers: { 201: answers.NewEnrolmentCode },
      })
    router
      .get('enrolment-codes/:id', [controllers.api.EnrolmentCodes, 'show'])
      .where('id', NUMBER)
      .use(admins)
      .describe({ summary: 'One code, without the code', answers: { 200: answers.EnrolmentCode } })
    router
      .delete('enrolment-codes/:id', [controllers.api.EnrolmentCodes, 'destroy'])
      .where('id', NUMBER)
      .use(admins)
      .describe({ summary: 'Revoke a code', answers: { 204: null } })

    router
      .get('policies/explain', [controllers.api.Policies, 'explain'])
      .use(people)
      .describe({
        summary: 'Value by value: what holds, who said so, what did not hold and why',
        query: explainValidator,
        answers: { 200: answers.ExplainedPolicy },
      })
    router
      .get('policies/:level/:id', [controllers.api.Policies, 'show'])
      .use(middleware.allow({ api: ['owner', 'admin', 'auditor'] }))
      .describe({ summary: 'The policy in force of one subject', answers: { 200: answers.Policy } })
    router
      .put('policies/:level/:id', [controllers.api.Policies, 'update'])
      .use(admins)
      .describe({
        summary: 'Publish a version of a policy, or preview it',
        body: policyDraftValidator,
        answers: { 200: answers.PolicyPreview, 201: answers.PublishedPolicy },
      })
  })
  .prefix('api')
  .as('api')

router
  .group(() => {
    router.get('openapi.json', [controllers.Openapi, 'json']).as('json')
    router.get('openapi.yaml', [controllers.Openapi, 'yaml']).as('yaml')
    router.get('docs/api', [controllers.Openapi, 'show']).as('page')
    router
      .get('docs/api/files/:file', [controllers.Openapi, 'file'])
      .where('file', /^swagger-ui(-bundle)?\.(js|css)$/)
      .as('file')
  })
  .as('openapi')
  .use(middleware.allow('anonymous'))

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
