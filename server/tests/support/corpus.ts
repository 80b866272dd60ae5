import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'

/*
| What somebody may send, and what it is answered. Nothing of it may be stored, take longer than two
| seconds, or be answered with 5xx. The specs run it over every route that takes a body.
*/

/** A body for every route that takes JSON, whatever it says. */
export type AnyBody = {
  readonly what: string
  readonly status: number
  readonly body: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const utf8 = (text: string) => Buffer.from(text, 'utf8')

const any = (what: string, status: number, body: string | Buffer, headers = {}): AnyBody => ({
  what,
  status,
  body: typeof body === 'string' ? utf8(body) : body,
  headers: { 'content-type': 'application/json', ...headers },
})

const nested = (open: string, close: string, depth: number) =>
  open.repeat(depth) + close.repeat(depth)

export const ANY_BODIES: readonly AnyBody[] = [
  any('nothing', 422, ''),
  any('a space', 422, ' '),
  any('a NUL byte', 422, latin1('\0')),
  any('a byte order mark alone', 422, latin1('\xef\xbb\xbf')),
  any('text', 422, 'hello'),
  any('a number', 422, '5'),
  any('a huge number', 422, '9'.repeat(400)),
  any('true', 422, 'true'),
  any('null', 422, 'null'),
  any('NaN', 422, 'NaN'),
  any('a string', 422, '"text"'),
  any('an empty array', 422, '[]'),
  any('an array of objects', 422, '[{}]'),
  any('half an object', 400, '{"kind":'),
  any('a key alone', 400, '{"kind"'),
  any('an object that does not end', 400, '{"a":{"b":{"c":1}'),
  any('two objects', 400, '{}{}'),
  any('an object and more', 400, '{} x'),
  any('a trailing comma', 400, '{"a":1,}'),
  any('single quotes', 400, "{'a':1}"),
  any('keys without quotes', 400, '{a:1}'),
  any('a comment', 400, '{/* */}'),
  any('NaN inside', 400, '{"a":NaN}'),
  any('Infinity inside', 400, '{"a":Infinity}'),
  any('undefined inside', 400, '{"a":undefined}'),
  any('a hexadecimal number', 400, '{"a":0x10}'),
  any('a leading zero', 400, '{"a":01}'),
  any('a plus sign', 400, '{"a":+1}'),
  any('a raw line end in a string', 400, '{"a":"x\ny"}'),
  any('a bad escape', 400, String.raw`{"a":"\x41"}`),
  any('half an escape', 400, String.raw`{"a":"\u12"}`),
  any('invalid UTF-8', 400, latin1('{"a":"\xff\xfe"}')),
  any('overlong UTF-8', 400, latin1('{"a":"\xc0\xaf"}')),
  any('a surrogate as UTF-8', 400, latin1('{"a":"\xed\xa0\x80"}')),
  any('UTF-16', 400, Buffer.from('{"a":1}', 'utf16le')),
  any('XML', 422, '<?xml version="1.0"?><a/>'),
  any('YAML', 422, 'a: 1'),
  any('HTML', 422, '<script>alert(1)</script>'),
  any('__proto__', 422, '{"__proto__":{"isAdmin":true}}'),
  any('constructor', 422, '{"constructor":{"prototype":{"isAdmin":true}}}'),
  any('toString', 422, '{"toString":1}'),
  any('hasOwnProperty', 422, '{"hasOwnProperty":1}'),
  any('then', 422, '{"then":1}'),
  any('toJSON', 422, '{"toJSON":1}'),
  any('an empty key', 422, '{"":1}'),
  any('a key of NUL', 422, String.raw`{"\u0000":1}`),
  any('a key with dots', 422, '{"a.b.c":1}'),
  any('a key of 10 000 letters', 422, `{"${'k'.repeat(10_000)}":1}`),
  any('10 000 keys', 422, `{${Array.from({ length: 10_000 }, (_, n) => `"k${n}":1`).join()}}`),
  any('another agent', 422, '{"agent_id":1}'),
  any('another person', 422, '{"person":{"id":1}}'),
  any('objects nested 9 deep', 422, `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`),
  any('objects nested 10 000 deep', 422, `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
  any('arrays nested 100 000 deep in a field', 422, `{"a":${nested('[', ']', 100_000)}}`),
  any('arrays nested 10 000 deep', 422, nested('[', ']', 10_000)),
  any('a megabyte', 413, `{"a":"${'x'.repeat(1_000_000)}"}`),
  any('a megabyte of spaces', 413, ' '.repeat(1_000_000)),
  any('gzip that inflates to 50 MB', 413, gzipSync(Buffer.alloc(50_000_000, 32)), {
    'content-encoding': 'gzip',
  }),
  any('gzip that is none', 400, '{}', { 'content-encoding': 'gzip' }),
  any('gzip that is cut off', 400, gzipSync(utf8('{"a":"bcdefghij"}')).subarray(0, 20), {
    'content-encoding': 'gzip',
  }),
  any('gzip of half an object', 400, gzipSync(utf8('{"a":')), { 'content-encoding': 'gzip' }),
  any('deflate of text', 422, deflateSync(utf8('text')), { 'content-encoding': 'deflate' }),
  any('raw deflate', 400, deflateRawSync(utf8('{"a":1}')), { 'content-encoding': 'deflate' }),
  any('an unknown encoding', 415, '{}', { 'content-encoding': 'zstd' }),
  any('an encoding named constructor', 415, '{}', { 'content-encoding': 'constructor' }),
  any('two encodings', 415, '{}', { 'content-encoding': 'gzip, gzip' }),
  any('text/plain', 415, '{}', { 'content-type': 'text/plain' }),
  any('a form', 415, 'a=1&b=2', { 'content-type': 'application/x-www-form-urlencoded' }),
  any('application/xml', 415, '<a/>', { 'content-type': 'application/xml' }),
  any('image/png', 415, latin1('\x89PNG\r\n'), { 'content-type': 'image/png' }),
  any('an empty type', 415, '{}', { 'content-type': '' }),
  any('a type that is none', 415, '{}', { 'content-type': 'json' }),
  any('multipart', 415, '--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
]

/** A field that is wrong in a message that is right but for it; `undefined` leaves it out. */
export type Fault = readonly [field: string, value: unknown]

const LONG = 'x'.repeat(2000)

/** Faults of what every observation carries. */
const OBSERVED: readonly Fault[] = [
  ['id', undefined],
  ['id', null],
  ['id', 7],
  ['id', ''],
  ['id', 'not-a-uuid'],
  ['id', '01A205A0-169D-7ED2-A685-A54551665E1C'],
  ['id', '2b1f0f0a-7f6d-4c0e-8d4f-0123456789ab'],
  ['id', "' or '1'='1"],
  ['id', '../../../../etc/passwd'],
  ['id', ['01a205a0-169d-7ed2-a685-a54551665e1c']],
  ['seq', undefined],
  ['seq', 0],
  ['seq', -1],
  ['seq', 1.5],
  ['seq', '1'],
  ['seq', 2 ** 53],
  ['seq', 1e300],
  ['captured_at', undefined],
  ['captured_at', 'now'],
  ['captured_at', 1_700_000_000],
  ['captured_at', '1970-01-01T00:00:00Z'],
  ['captured_at', '1999-12-31T23:59:59.999Z'],
  ['captured_at', '2100-01-01T00:00:00Z'],
  ['captured_at', '2026-13-45T99:99:99Z'],
  ['captured_at', '2026-11-22 10:00:00'],
  ['captured_at', '2026-11-22T10:00:00'],
  ['captured_at', '2026-11-22T10:00:00.1234Z'],
  ['captured_at', '+012026-11-22T10:00:00Z'],
  ['utc_offset_minutes', 841],
  ['utc_offset_minutes', -841],
  ['utc_offset_minutes', 0.5],
  ['policy_version', -1],
  ['policy_version', 2 ** 31],
  ['kind', undefined],
  ['kind', null],
  ['kind', 'keystrokes'],
  ['kind', '__proto__'],
  ['agent_id', 1],
  ['clipboard', 'text'],
]

const DISPLAY: readonly Fault[] = [
  ['display', null],
  ['display', []],
  ['display.id', ''],
  ['display.width', 0],
  ['display.x', 1e9],
  ['display.primary', 'yes'],
  ['display.owner', 'x'],
]

const MEDIUM: readonly Fault[] = [
  ['bytes', 0],
  ['bytes', 1e18],
  ['sha256', 'abc'],
  ['sha256', 'A'.repeat(64)],
  ['sha256', '0'.repeat(64)],
  ['width', 0],
  ['width', 16_384],
  ['height', -1],
  ['source', ''],
  ['simulated', 'false'],
  ['media_type', 'text/html'],
  ['media_type', 'image/svg+xml'],
]

/** Faults of each kind of observation. */
export const FAULTS_OF: Readonly<Record<string, readonly Fault[]>> = {
  heartbeat: [
    ...OBSERVED,
    ['state', 'lazy'],
    ['seconds_since_input', 'five'],
    ['seconds_since_input', -1],
    ['interval_seconds', 0],
    ['interval_seconds', 86_401],
    ['late_seconds', -0.001],
    ['time_zone', ''],
    ['time_zone', 'x'.repeat(65)],
    ['agent_version', { a: 1 }],
    ['clock_skew_ms', 0.5],
    ['system', null],
    ['system.host', 'x'.repeat(256)],
    ['system.cpu.cores', 0],
    ['system.memory.total_bytes', -1],
    ['system.keystrokes', ['a']],
    ['system.displays', Array.from({ length: 17 }, () => ({}))],
    ['plugins', {}],
    ['plugins', [{ name: 'x', version: '1', state: 'fine', reason: null }]],
    ['spool', []],
    ['spool.accepted', -1],
  ],
  window: [
    ...OBSERVED,
    ['duration_ms', -1],
    ['duration_ms', 86_400_001],
    ['duration_ms', '10'],
    ['pulsetime_ms', 3_600_001],
    ['app', ''],
    ['app', null],
    ['app', 'x'.repeat(256)],
    ['title', 'x'.repeat(1025)],
    ['title', ['x']],
    ['domain', 5],
    ['pid', -1],
    ['pid', 2 ** 32],
    ['text', 'typed'],
  ],
  presence: [
    ...OBSERVED,
    ['state', 'here'],
    ['active_ms', -1],
    ['active_ms', 86_400_001],
    ['slot_ms', 0],
    ['keys', 5],
  ],
  gap: [
    ...OBSERVED,
    ['what', ''],
    ['what', 'x'.repeat(33)],
    ['cause', 'boredom'],
    ['from', 'yesterday'],
    ['until', null],
  ],
  eviction: [
    ...OBSERVED,
    ['evicted_id', 'x'],
    ['evicted_seq', 0],
    ['evicted_kind', ''],
    ['evicted_captured_at', 5],
    ['bytes', -1],
    ['cause', 'full'],
  ],
  screenshot: [
    ...OBSERVED,
    ...DISPLAY,
    ...MEDIUM,
    ['capture_group', 'x'],
    ['dhash', '00'],
    ['degraded', 'ugly'],
    ['bytes', 16 * 1024 * 1024 + 1],
    ['media_type', 'image/png'],
    ['width', 65],
    ['height', 47],
  ],
  recording: [
    ...OBSERVED,
    ...DISPLAY,
    ...MEDIUM,
    ['recording_id', 'x'],
    ['segment', -1],
    ['frame_rate', 0],
    ['frame_rate', 121],
    ['duration_ms', -1],
    ['codec', ''],
    ['complete', 1],
    ['media_type', 'video/webm'],
  ],
}

/** Faults of the other messages, by route. The message itself stands in the spec. */
export const FAULTS_AT: Readonly<Record<string, readonly Fault[]>> = {
  '/api/enrolments': [
    ['code', undefined],
    ['code', ''],
    ['code', null],
    ['code', 'x'.repeat(129)],
    ['code', { $ne: null }],
    ['host', ''],
    ['host', 'x'.repeat(256)],
    ['platform', 5],
    ['agent_version', undefined],
    ['site', ''],
    ['acknowledgement', {}],
    ['acknowledgement', 'yes'],
    ['previous_token', 'x'.repeat(129)],
    ['role', 'owner'],
  ],
  '/api/agents/me/acknowledgements': [
    ['version', 0],
    ['version', '1'],
    ['text_sha256', 'x'],
    ['acknowledged_at', 'now'],
    ['language', ''],
    ['person_id', 1],
  ],
  '/api/uploads': [
    ['observation', undefined],
    ['observation', null],
    ['observation', []],
    ['observation', { kind: 'heartbeat' }],
    ['observation', { kind: '__proto__' }],
    ['observation', { kind: 'screenshot' }],
    ['disk', 'google-drive'],
    ['agent_id', 1],
  ],
  '/api/agents': [
    ['name', undefined],
    ['name', ''],
    ['name', 'x'.repeat(121)],
    ['name', { a: 1 }],
    ['site', ''],
    ['host', 5],
    ['platform', 'x'.repeat(33)],
    ['person_id', 0],
    ['person_id', '1'],
    ['person_id', 999_999],
    ['revoked_at', null],
  ],
  '/api/teams': [
    ['name', undefined],
    ['name', ''],
    ['name', LONG],
    ['manager_ids', 'all'],
    ['manager_ids', [0]],
    ['manager_ids', [1, 1]],
    ['manager_ids', [999_999]],
    ['manager_ids', Array.from({ length: 101 }, (_, n) => n + 1)],
    ['members', [1]],
  ],
  '/api/tokens': [
    ['name', ''],
    ['name', LONG],
    ['abilities', undefined],
    ['abilities', []],
    ['abilities', ['*']],
    ['abilities', ['read', 'read']],
    ['abilities', ['ingest']],
    ['abilities', 'read'],
    ['expires_in_days', 0],
    ['expires_in_days', 732],
    ['expires_in_days', '7'],
    ['user_id', 1],
  ],
  '/api/enrolment-codes': [
    ['site', '../secret'],
    ['site', 'x'.repeat(65)],
    ['name', ''],
    ['person_id', 999_999],
    ['ttl_minutes', 0],
    ['ttl_minutes', 43_201],
    ['uses', 0],
    ['uses', 10_001],
    ['uses', 1.5],
    ['code', 'wse_mine'],
  ],
  '/api/categories': [
    ['name', undefined],
    ['name', ''],
    ['name', LONG],
    ['value', 'bad'],
    ['parent_id', 'x'],
    ['parent_id', 999_999],
  ],
  '/api/sessions': [
    ['from', 'now'],
    ['until', '2026-11-20T09:00:00Z'],
    ['until', '2026-11-29T09:00:00Z'],
    ['note', ''],
    ['note', LONG],
    ['note', 5],
    ['person_id', 1],
  ],
  '/api/policies/organisation/0': [
    ['values', undefined],
    ['values', null],
    ['values', 'all'],
    ['values', { 'no.such': 1 }],
    ['values', { 'screenshot.interval_seconds': 4 }],
    ['values', { 'screenshot.interval_seconds': '600' }],
    ['values', { 'screenshot.blur': 'some' }],
    ['values', { hours: { days: [8], from: '09:00', until: '17:00' } }],
    ['values', { hours: { days: [1], from: '9', until: '17:00' } }],
    ['values', { __proto__: null, constructor: 1 }],
    ['locked', ['no.such']],
    ['locked', 'all'],
    ['reason', LONG],
    ['preview', 'yes'],
    ['author', 1],
  ],
}

/** A message with one fault in it. A field may lie deeper: `system.host`. */
export function withFault(message: object, [field, value]: Fault): Record<string, unknown> {
  const copy: Record<string, unknown> = structuredClone(message) as Record<string, unknown>
  const path = field.split('.')
  const last = path.pop() ?? ''
  const place = path.reduce((inner, name) => inner[name] as Record<string, unknown>, copy)
  if (value === undefined) {
    delete place[last]
  } else {
    place[last] = value
  }
  return copy
}
