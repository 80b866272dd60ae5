/** What rows of the audit log say, as sentences. An action that has none stands as it is. */
const SENTENCES = new Map(
  Object.entries({
    'password': 'Signed in with a password',
    'totp': 'Signed in with a password and a code',
    'recovery': 'Signed in with a password and a recovery code',
    'remembered': 'Signed in by a browser that remembers the password',
    'remembered_totp': 'Signed in by a browser that remembers the password, with a code',
    'remembered_recovery':
      'Signed in by a browser that remembers the password, with a recovery code',
    'invitation': 'Signed in with an invitation',
    'reset': 'Signed in with a link to a new password',
    'link': 'Signed in with the link of the first start',
    'code_refused': 'Typed a wrong code while signing in',

    'thumbnail': 'Looked at a small picture',
    'screenshot': 'Looked at a screenshot',
    'recording': 'Looked at a recording',
    'day': 'Looked at a day',
    'sessions': 'Looked at the sessions',
    'report': 'Looked at a report',
    'activities': 'Looked at activities',
    'export': 'Exported everything of a person',
    'export_download': 'Took the file of an export',

    'activity.delete': 'Deleted an event of activity',
    'agent.create': 'Enrolled a computer',
    'agent.pause': 'Paused a computer',
    'agent.revoke': 'Revoked a computer',
    'agent.update': 'Changed a computer',
    'audit.prune': 'Let go of old rows of this log',
    'category.create': 'Made a category',
    'category.update': 'Changed a category',
    'category.delete': 'Deleted a category',
    'category.recategorise': 'Put history under today’s rules',
    'code.confirm': 'Let a computer in that showed a code',
    'code.create': 'Made an enrolment code',
    'code.refuse': 'Refused a computer that showed a code',
    'code.revoke': 'Revoked an enrolment code',
    'day.contest': 'Contested something of a day',
    'day.contest.answer': 'Answered what was contested',
    'day.contest.withdraw': 'Withdrew what was contested',
    'hold.create': 'Put data on hold',
    'hold.release': 'Ended a hold',
    'job.forget': 'Took a failed job off the list',
    'policy.publish': 'Published a policy',
    'recording.delete': 'Deleted a recording',
    'request.ask': 'Asked for a correction or an erasure',
    'request.correction': 'Decided on a correction',
    'request.erasure': 'Decided on an erasure',
    'request.erased': 'Erased what was asked for',
    'rule.create': 'Made a rule of a category',
    'rule.delete': 'Deleted a rule of a category',
    'screenshot.delete': 'Deleted a screenshot',
    'screenshot.hold': 'Put a screenshot on hold',
    'settings.update': 'Changed a setting',
    'settings.security': 'Changed who needs a second factor',
    'team.create': 'Made a team',
    'team.delete': 'Deleted a team',
    'team.update': 'Changed a team',
    'team.manager_added': 'Made somebody a manager of a team',
    'team.manager_removed': 'Took a manager out of a team',
    'team.member_added': 'Put somebody into a team',
    'team.member_removed': 'Took somebody out of a team',
    'token.create': 'Made a token',
    'token.revoke': 'Revoked a token',
    'user.create': 'Made an account',
    'user.delete': 'Deleted an account',
    'user.disable': 'Disabled an account',
    'user.enable': 'Enabled an account',
    'user.invitation_link': 'Made a link of invitation',
    'user.password': 'Changed a password',
    'user.recovery_codes': 'Made new recovery codes',
    'user.reset_link': 'Made a link to a new password',
    'user.two_factor_off': 'Turned the second factor off',
    'user.two_factor_on': 'Turned the second factor on',
    'user.two_factor_reset': 'Took somebody’s second factor off',
    'user.update': 'Changed an account',
  })
)

/** The action of a row as a sentence. */
export function actionWords(action: string): string {
  return SENTENCES.get(action) ?? action
}

/** The details of a row, one line a value: what it is now, or what it was and what it is. */
export function detailLines(details: string | null): string[] {
  const read = readDetails(details)
  if (read === null) {
    return details === null ? [] : [details]
  }
  const { before, after } = read
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return names.flatMap((name) => {
    const label = name.replaceAll('_', ' ')
    const [was, is] = [valueText(before?.[name]), valueText(after?.[name])]
    if (before && after) {
      return [`${label}: ${was ?? 'none'} → ${is ?? 'none'}`]
    }
    const value = is ?? was
    return value === null ? [] : [`${label}: ${value}`]
  })
}

type Values = Readonly<Record<string, unknown>>
type Details = { readonly before?: Values | null; readonly after?: Values | null }

/** Null where they are not what this server writes: such a row is shown as it stands. */
function readDetails(details: string | null): Details | null {
  try {
    const read: unknown = JSON.parse(details ?? 'null')
    return isValues(read) &&
      [read.before, read.after].every((one) => (one ?? null) === null || isValues(one))
      ? read
      : null
  } catch {
    return null
  }
}

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null

function valueText(value: unknown): string | null {
  if (value === null || value === undefined) {
    return null
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
