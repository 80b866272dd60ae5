import { DEGRADED_REASONS, SCREENSHOT_MEDIA_TYPES, screenshotValidator } from '#contract/screenshot'
import { EVICTION_CAUSES } from '#contract/eviction'
import { GAP_CAUSES } from '#contract/gap'
import { POLICY_KEYS, policyValues } from '#contract/policy'
import { PRESENCE_STATES } from '#contract/activity'
import { heartbeatValidator } from '#contract/heartbeat'
import { recordingValidator } from '#contract/recording'
import { UPLOAD_DISKS } from '#contract/upload'
import {
  amount,
  anything,
  flag,
  instant,
  list,
  nullable,
  number,
  object,
  oneOf,
  propertiesOf,
  schemaOf,
  text,
  uuid,
  type Schema,
} from '#services/openapi/schema'
import { CATEGORY_VALUES } from '#services/categories/rules'
import { FIGURES } from '#services/stats/formulas'
import { ABILITIES } from '#validators/resources'
import { POLICY_LEVELS } from '#services/policy/resolve'
import vine from '@vinejs/vine'

/*
| What the API answers. Each stands for one function of presentation.ts; the tests check every answer
| against these.
*/

export const Problem = object(
  {
    error: object({
      code: { type: 'string', pattern: '^E_' },
      message: text,
      field: nullable(text),
      help: text,
      id: text,
    }),
  },
  'Problem'
)

const PersonName = object({ id: number, full_name: text }, 'PersonName')

/** What every observation carries when it is read. `captured_at` is in the offset of its machine. */
const observed = {
  id: uuid,
  seq: number,
  agent_id: number,
  captured_at: instant,
  utc_offset_minutes: number,
  policy_version: number,
  received_at: instant,
}

const agent = {
  id: number,
  name: text,
  site: text,
  host: text,
  platform: text,
  agent_version: text,
  person: nullable(PersonName),
  presence: oneOf('never', 'online', 'offline', 'revoked'),
  state: nullable(text),
  last_seen_at: nullable(instant),
  interval_seconds: nullable(amount),
  revoked_at: nullable(instant),
  created_at: instant,
}

export const Agent = object(agent, 'Agent')
export const NewAgent = object({ ...agent, token: text }, 'NewAgent')

export const AgentConfiguration = object(
  {
    agent: object({ id: number, name: text, site: text, person: nullable(text), time_zone: text }),
    policy: object({ version: number, values: { type: 'object' } }),
    acknowledged: nullable(object({ version: number, text_sha256: text })),
    paused_until: nullable(instant),
    seq: number,
  },
  'AgentConfiguration'
)

export const Acknowledged = object({ version: number, text_sha256: text }, 'Acknowledged')

export const Enrolment = object(
  {
    agent: object({ id: number, name: text, site: text, person: nullable(text) }),
    token: text,
    seq: number,
  },
  'Enrolment'
)

export const EnrolmentRequest = object(
  {
    user_code: text,
    verification_uri: { type: 'string', format: 'uri' },
    device_code: text,
    expires_at: instant,
    interval: number,
  },
  'EnrolmentRequest'
)

export const EnrolmentPending = object(
  { status: oneOf('pending', 'slow_down'), interval: number },
  'EnrolmentPending'
)

export const Missing = object(
  { agent_id: number, missing: list(object({ from: number, to: number })) },
  'Missing'
)

/** The answer to one observation: 201 the first time, 200 after that. */
export const Stored = object({ id: uuid, result: oneOf('created', 'duplicate') }, 'Stored')

/** The site's media are stored by the server: the bytes go to it. */
export const UploadHere = object({ upload: { type: 'null' } }, 'UploadHere')

export const Upload = object(
  {
    upload: object({
      disk: oneOf(...UPLOAD_DISKS),
      key: text,
      session: nullable(text),
      bytes: number,
    }),
  },
  'Upload'
)

export const BatchResult = object(
  {
    results: list({
      anyOf: [
        object({ id: uuid, result: oneOf('created', 'duplicate') }),
        object({
          id: nullable(text),
          result: oneOf('conflict', 'rejected'),
          code: text,
          field: nullable(text),
          message: text,
        }),
      ],
    }),
  },
  'BatchResult'
)

export const Heartbeat = object({ ...propertiesOf(heartbeatValidator), ...observed }, 'Heartbeat')

export const Screenshot = object(
  {
    ...propertiesOf(screenshotValidator),
    ...observed,
    media_type: oneOf(...SCREENSHOT_MEDIA_TYPES),
    degraded: nullable(oneOf(...DEGRADED_REASONS)),
    image: text,
    thumbnail: text,
  },
  'Screenshot'
)

export const Recording = object(
  { ...propertiesOf(recordingValidator), ...observed, video: text },
  'Recording'
)

const windowFacts = {
  kind: { const: 'window' },
  duration_ms: number,
  pulsetime_ms: number,
  app: nullable(text),
  title: nullable(text),
  domain: nullable(text),
  pid: nullable(number),
}

const presenceFacts = {
  kind: { const: 'presence' },
  duration_ms: number,
  pulsetime_ms: number,
  state: oneOf(...PRESENCE_STATES),
  active_ms: number,
  slot_ms: number,
}

export const Activity: Schema = {
  title: 'Activity',
  oneOf: [object({ ...observed, ...windowFacts }), object({ ...observed, ...presenceFacts })],
}

/** Equal events of one agent joined into one: `events` says how many they were. */
const joined = { agent_id: number, captured_at: instant, until: instant, events: number }

export const JoinedActivity: Schema = {
  title: 'JoinedActivity',
  oneOf: [
    object({ ...joined, ...without(windowFacts, 'pulsetime_ms') }),
    object({ ...joined, ...without(presenceFacts, 'pulsetime_ms', 'slot_ms') }),
  ],
}

export const Gap = object(
  {
    ...observed,
    kind: { const: 'gap' },
    what: text,
    cause: oneOf(...GAP_CAUSES),
    from: instant,
    until: instant,
  },
  'Gap'
)

export const Eviction = object(
  {
    ...observed,
    kind: { const: 'eviction' },
    evicted_id: uuid,
    evicted_seq: number,
    evicted_kind: text,
    evicted_captured_at: instant,
    bytes: number,
    cause: oneOf(...EVICTION_CAUSES),
  },
  'Eviction'
)

export const Deletion = object(
  {
    id: uuid,
    seq: number,
    agent_id: number,
    kind: text,
    captured_at: instant,
    utc_offset_minutes: nullable(number),
    deleted_at: instant,
  },
  'Deletion'
)

const code = {
  id: number,
  site: text,
  name: nullable(text),
  person: nullable(PersonName),
  uses: number,
  uses_allowed: number,
  state: oneOf('open', 'used', 'expired', 'revoked'),
  expires_at: instant,
  revoked_at: nullable(instant),
  created_at: instant,
}

export const EnrolmentCode = object(code, 'EnrolmentCode')
export const NewEnrolmentCode = object({ ...code, code: text, line: text }, 'NewEnrolmentCode')

const token = {
  id: number,
  name: nullable(text),
  abilities: list(oneOf(...ABILITIES)),
  created_at: instant,
  last_used_at: nullable(instant),
  expires_at: nullable(instant),
}

export const Token = object(token, 'Token')
export const NewToken = object({ ...token, token: text }, 'NewToken')

export const Person = object(
  {
    id: number,
    full_name: text,
    email: text,
    role: oneOf('owner', 'admin', 'manager', 'auditor', 'member'),
    team: nullable(object({ id: number, name: text })),
    time_zone: text,
    disabled_at: nullable(instant),
    created_at: instant,
  },
  'Person'
)

export const Access = object(
  {
    id: number,
    at: instant,
    what: text,
    object: nullable(text),
    agent_id: nullable(number),
    viewer: nullable(PersonName),
    purpose: nullable(text),
    address: nullable(text),
  },
  'Access'
)

export const Team = object(
  { id: number, name: text, managers: list(PersonName), created_at: instant },
  'Team'
)

const PolicyValues = { ...schemaOf(vine.create(policyValues())), title: 'PolicyValues' }

export const Policy = object(
  {
    level: oneOf(...POLICY_LEVELS),
    subject_id: number,
    version: number,
    values: PolicyValues,
    locked: list(oneOf(...POLICY_KEYS)),
  },
  'Policy'
)

const changes = {
  values: PolicyValues,
  changes: list(
    object({ key: oneOf(...POLICY_KEYS), before: anything, after: anything, loosens: flag })
  ),
}

export const PolicyPreview = object(changes, 'PolicyPreview')
export const PublishedPolicy = object({ version: number, ...changes }, 'PublishedPolicy')

const Level = oneOf(...POLICY_LEVELS)

export const ExplainedPolicy = object(
  {
    version: number,
    values: list(
      object({
        key: oneOf(...POLICY_KEYS),
        value: anything,
        from: oneOf(...POLICY_LEVELS, 'site'),
        version: nullable(number),
        locked: flag,
        refused: list(
          object({ level: Level, value: anything, why: oneOf('locked', 'weaker'), by: Level })
        ),
      })
    ),
  },
  'ExplainedPolicy'
)

const day: Schema = { type: 'string', format: 'date' }

/** When somebody worked. Its times are in the offset that the person's zone had then. */
const session = {
  id: text,
  person_id: number,
  source: oneOf('observed', 'manual'),
  day,
  started_at: instant,
  ended_at: instant,
  active_ms: number,
  idle_ms: number,
  paused_ms: number,
  locked_ms: number,
  asleep_ms: number,
  unknown_ms: number,
  silent_ms: number,
  missing_ms: number,
  note: nullable(text),
}

export const WorkSession = object(session, 'WorkSession')

const SessionGap = object({ from: instant, until: instant, cause: text, what: list(text) })

export const WorkSessionWithGaps = object(
  { ...session, gaps: list(SessionGap) },
  'WorkSessionWithGaps'
)

/** Hours and days that are marked and not counted yet. */
const pending = object({ hours: number, days: number })

const HourSums = object(
  {
    hour: instant,
    agent_id: number,
    active_ms: number,
    idle_ms: number,
    paused_ms: number,
    locked_ms: number,
    asleep_ms: number,
    unknown_ms: number,
    heartbeats: number,
    activities: number,
    screenshots: number,
    unchanged: number,
    recordings: number,
    recording_ms: number,
    bytes: number,
  },
  'HourSums'
)

export const HourlyStats = object({ data: list(HourSums), pending }, 'HourlyStats')

const figures = {
  suppressed: { const: false },
  people: number,
  active_ms: number,
  idle_ms: number,
  paused_ms: number,
  received_ms: number,
  expected_ms: number,
  screenshots: number,
  bytes: number,
  categories: { type: 'object', additionalProperties: number },
  coverage: nullable(amount),
}

const values = {
  values_ms: object({
    productive: number,
    neutral: number,
    unproductive: number,
    uncategorised: number,
  }),
}

/** Figures beside `named`; of a group of fewer than five people only that they are not shown. */
const figuresOf = (named: Readonly<Record<string, Schema>>, more = {}): Schema => ({
  oneOf: [
    object({ ...named, ...figures, ...more }),
    object({ ...named, suppressed: { const: true } }),
  ],
})

export const DailyStats = object(
  { data: list(figuresOf({ day })), before: figuresOf({ from: day, to: day }), pending },
  'DailyStats'
)

export const Trends = object(
  {
    from: day,
    to: day,
    by: oneOf('day', 'week'),
    data: list(figuresOf({ from: day, to: day }, values)),
    total: figuresOf({}, values),
    before: figuresOf({ from: day, to: day }, values),
    categories: list({ type: 'object' }),
    pending,
  },
  'Trends'
)

export const Explanation: Schema = {
  title: 'Explanation',
  type: 'object',
  properties: {
    figure: oneOf(...FIGURES),
    formula: text,
    inputs: list(text),
    rules: list(text),
    group: text,
    category_rules: list({ type: 'object' }),
    numbers: nullable({ type: 'object' }),
    categories: list(object({ category_id: number, active_ms: number })),
  },
  required: ['figure', 'formula', 'inputs', 'rules', 'group'],
  additionalProperties: false,
}

export const CategoryRule = object(
  {
    id: number,
    category_id: number,
    priority: number,
    app: nullable(text),
    title: nullable(text),
    domain: nullable(text),
  },
  'CategoryRule'
)

const category = {
  id: number,
  name: text,
  value: oneOf(...CATEGORY_VALUES),
  parent_id: nullable(number),
}

export const NewCategory = object(category, 'NewCategory')

export const Categories = object(
  { data: list(object({ ...category, rules: list(CategoryRule) })), pending },
  'Categories'
)

export const CategoryTest = object(
  {
    rule: nullable(CategoryRule),
    category: nullable(object({ id: number, name: text })),
    value: oneOf(...CATEGORY_VALUES),
  },
  'CategoryTest'
)

export const Recategorisation = object({ pending }, 'Recategorisation')

function without(
  properties: Readonly<Record<string, Schema>>,
  ...names: readonly string[]
): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)))
}
