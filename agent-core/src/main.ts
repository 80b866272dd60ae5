/** The one door of agent-core: what sites, plugins and their specs import. */

export {
  ApiClient,
  DRIVE,
  serverAddress,
  type ApiOptions,
  type UploadPermit,
} from './api_client.ts'
export { BACKOFF, backoff, retryAfterMs } from './backoff.ts'
export { sleep, systemClock, type Timekeeper } from './clock.ts'
export { Courier, type CourierOptions, type CourierStatus } from './courier.ts'
export { defineSite, type NoticeOptions, type Site, type SiteConfig } from './define_site.ts'
export { nodeDisk, type Disk, type DiskEntry, type DiskFile } from './disk.ts'
export { AgentError, asError, ERRORS, type ErrorCode } from './errors.ts'
export { every, everyInGerman } from './every.ts'
export * from './hooks.ts'
export { Http, HTTP_LIMITS, type HttpLimits } from './http.ts'
export { IdentityStore } from './identity.ts'
export { BREAKER, Isolate, type Isolation } from './isolate.ts'
export { Lane, type Hold } from './lane.ts'
export {
  cleanUpCopies,
  keepLocalCopy,
  surplusCopies,
  type LocalCopies,
  type SurplusCopy,
} from './local_copies.ts'
export { fileLogger, pinoLogger, silentLogger, type Logger } from './logger.ts'
export { dataFolder, thisMachine, timeZone, utcOffsetMinutes, type Machine } from './machine.ts'
export { nativeWindows } from './native_windows.ts'
export {
  acknowledge,
  collectedBy,
  isAcknowledged,
  noticeOf,
  type Acknowledgement,
  type Notice,
} from './notice.ts'
export * from './observation.ts'
export { effectivePolicy, SITE_ALONE, type Policy, type PolicyBounds } from './policy.ts'
export {
  resolveOptions,
  sourcesOf,
  variableOf,
  type OptionSource,
  type ResolvedOptions,
} from './options.ts'
export * from './plugin.ts'
export { AgentRuntime, VERSION, type RuntimeOptions, type RuntimeStatus } from './runtime.ts'
export { sessionOf, type Session } from './session.ts'
export { schedule, type ScheduleOptions } from './schedule.ts'
export {
  laneOf,
  Spool,
  type LaneName,
  type PutOutcome,
  type SpoolOptions,
  type Unnumbered,
} from './spool.ts'
export { type QuotaOptions } from './spool_quota.ts'
export {
  compileExclusions,
  Exclusions,
  exclusionsOf,
  type Exclusion,
  type ExclusionSource,
  type IsExcluded,
  type WindowFacts,
} from './trust/exclusions.ts'
export { SHIPPED_EXCLUSIONS } from './trust/shipped_exclusions.ts'
export { Unavailable } from './unavailable.ts'
export { isUuid, UuidSource, uuidv7 } from './uuid.ts'
export { verdicts, type Reply, type Verdict } from './verdict.ts'
export {
  describeHours,
  workingHours,
  type Span,
  type Weekday,
  type WorkingHours,
  type WorkingHoursOption,
} from './working_hours.ts'
