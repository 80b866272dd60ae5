/*
|--------------------------------------------------------------------------
| Rate limits
|--------------------------------------------------------------------------
*/
import limiter from '@adonisjs/limiter/services/main'

/** Guessing a code of 130 bits is hopeless; this keeps the attempts from being a load. */
export const throttleEnrolments = limiter.define('enrolments', ({ request }) =>
  limiter.allowRequests(20).every('1 minute').usingKey(`enrolments_${request.ip()}`)
)

/** Requests to be let in without a code, of one address: each of them is a row. */
export const throttleEnrolmentRequests = limiter.define('enrolment_requests', ({ request }) =>
  limiter.allowRequests(20).every('1 minute').usingKey(`enrolment_requests_${request.ip()}`)
)

/** Questions whether a request was confirmed: as many as fifty computers behind one address ask. */
export const throttleEnrolmentPolls = limiter.define('enrolment_polls', ({ request }) =>
  limiter.allowRequests(600).every('1 minute').usingKey(`enrolment_polls_${request.ip()}`)
)

/** Codes of no request, of one person or one address: a request must not be found by trying. */
export const requestGuesses = limiter.use({ requests: 10, duration: '10 minutes' })

/** Wrong codes of one account, from wherever: six digits must not be guessed. */
export const codeAttempts = limiter.use({
  requests: 5,
  duration: '5 minutes',
  blockDuration: '5 minutes',
})

/** Requests for a new password from one address. */
export const throttleForgotten = limiter.define('forgotten', ({ request }) =>
  limiter.allowRequests(10).every('10 minutes').usingKey(`forgotten_${request.ip()}`)
)

/** Wrong passwords for one account from one address: then it waits. */
export const loginAttempts = limiter.use({
  requests: 5,
  duration: '1 minute',
  blockDuration: '1 minute',
})
