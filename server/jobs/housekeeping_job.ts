import { Work } from '#services/jobs/work'

/** What is over by the clock, and a step of the walk over the audit log. It is due each minute, so its lag says whether anybody works on the queue. */
export default class HousekeepingJob extends Work<Record<string, never>> {
  static options = Work.optionsOf({ name: 'housekeeping', timeout: '5m' })

  async execute() {
    const { expireExports } = await import('#services/exports')
    const { forgetRequests } = await import('#services/enrolment_requests')
    const { walkOn } = await import('#services/audit_state')
    const { default: User } = await import('#models/user')
    await expireExports()
    await User.rememberMeTokens.removeExpired()
    await forgetRequests()
    await walkOn()
  }
}
