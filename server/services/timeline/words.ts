import type { State } from '#services/timeline/presence'

/** How states and causes read on a page: plain and neutral. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  active: 'Active',
  idle: 'Idle',
  paused: 'Paused',
  locked: 'Screen locked',
  asleep: 'Computer asleep',
  unknown: 'Not known',
}

const CAUSE_WORDS: Readonly<Record<string, string>> = {
  spool_full: 'No room on the computer',
  paused: 'Paused by the person',
  outside_hours: 'Outside the hours',
  locked: 'Screen locked',
  suspended: 'Computer asleep',
  stopped: 'Agent stopped',
  no_permission: 'No permission to capture',
  no_display: 'No display',
  excluded: 'An excluded window was open',
  no_signal: 'No signal',
}

export const causeWords = (cause: string) => CAUSE_WORDS[cause] ?? cause
