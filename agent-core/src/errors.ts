/**
 * Every error this package throws, by what it forces its reader to do. `exit` is the exit code of
 * `worksight-agent`: 1 unexpected, 2 usage, 3 not enrolled, 4 refused, 5 server unreachable,
 * 8 configuration invalid, 9 already running, 10 disk full.
 */
export const ERRORS = {
  E_INVALID_OPTION: { exit: 8, help: 'Correct the value; nothing is captured until then.' },
  E_SITE_NOT_FOUND: {
    exit: 8,
    help: 'Name a site of config/sites with --site, or a file with --config.',
  },
  E_INVALID_SITE: {
    exit: 8,
    help: 'Export `defineSite({ name, plugins })` as the default of the file.',
  },
  E_INSECURE_SERVER: {
    exit: 8,
    help: 'Use https://, or let the site say `allowInsecureHttp: true` if the network is trusted.',
  },
  E_EXPOSED_IDENTITY: {
    exit: 8,
    help: 'Run chmod 600 on the file; it holds the token of this agent.',
  },
  E_INVALID_IDENTITY: { exit: 8, help: 'Enrol again with: worksight-agent enrol' },
  E_NOT_ENROLLED: { exit: 3, help: 'Enrol with: worksight-agent enrol --server URL --code CODE' },
  E_ENROLMENT_REFUSED: {
    exit: 4,
    help: 'Ask for a new code; a code can be used once and expires.',
  },
  E_NOTICE_CHANGED: { exit: 4, help: 'Read it with: worksight-agent notice' },
  E_SERVER_UNREACHABLE: { exit: 5, help: 'Check the address and the network, then try again.' },
  E_ALREADY_RUNNING: { exit: 9, help: 'Look at it with: worksight-agent status' },
  E_SPOOL_UNUSABLE: { exit: 10, help: 'Make room on the disk, or make the folder writable.' },
  E_SPOOL_CLOSED: { exit: 1, help: 'The agent is stopping.' },
  E_CORRUPT_ITEM: { exit: 1, help: 'Look at it with: worksight-agent dead list' },
  E_DRAFT_DROPPED: {
    exit: 1,
    help: 'A redaction failed, so what it would have hidden was not kept.',
  },
  E_TAP_TIMEOUT: { exit: 1, help: 'The plugin hangs; the agent goes on without waiting for it.' },
  E_TURN_TIMEOUT: {
    exit: 1,
    help: 'The plugin hangs; its next turn comes when this one has ended.',
  },
  E_DUPLICATE_PLUGIN: { exit: 8, help: 'List each plugin of a site once.' },
  E_UNKNOWN_ITEM: { exit: 2, help: 'List what is there with: worksight-agent dead list' },
  E_UNKNOWN_EXCLUSION: { exit: 2, help: 'List yours with: worksight-agent exclusions list' },
  E_INVALID_DURATION: { exit: 2, help: 'Write it as 30m, 1h or 1h30m.' },
  E_PAUSE_REFUSED: { exit: 4, help: 'Ask whoever wrote the policy; tomorrow counts anew.' },
  E_UNSEEN: { exit: 4, help: 'The reason is in: worksight-agent status' },
  E_PAUSED: { exit: 4, help: 'Go on with: worksight-agent resume' },
  E_DAMAGED_FILE: {
    exit: 8,
    help: 'Correct the file or remove it; nothing is captured until then.',
  },
  E_LOCKED: { exit: 4, help: 'See who says so with: worksight-agent config list --source' },
  E_UNKNOWN_SETTING: { exit: 2, help: 'List them with: worksight-agent config list' },
  E_UNKNOWN_PLUGIN: { exit: 2, help: 'List them with: worksight-agent plugins list' },
  E_UNKNOWN_DISPLAY: { exit: 2, help: 'Leave --monitor out to take all of them.' },
  E_NO_CAPTURE: { exit: 6, help: 'See why with: worksight-agent doctor' },
  E_UNWRITABLE_FILE: { exit: 2, help: 'Name a file in a folder that you can write to.' },
  E_INVALID_ANSWER: { exit: 2, help: 'See the form of each with: worksight-agent COMMAND --help' },
  E_MISSING_ANSWER: { exit: 2, help: 'Without a terminal every answer is given as a flag.' },
} as const

export type ErrorCode = keyof typeof ERRORS

/** An error of the agent: a stable code, a sentence with what was expected and what was found. */
export class AgentError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'AgentError'
    this.code = code
  }

  /** The exit code of the command line for this error. */
  get exit(): number {
    return ERRORS[this.code].exit
  }

  /** What to do next. */
  get help(): string {
    return ERRORS[this.code].help
  }
}

/** Anything thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** The `code` of a system error such as ENOSPC, or null. */
export function systemCode(thrown: unknown): string | null {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  return typeof code === 'string' ? code : null
}
