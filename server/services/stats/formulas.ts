import { LEAST_GROUP } from '#services/stats/scope'
import { BEAT_HOLDS_MS } from '#services/timeline/presence'
import { LONGEST_CARRY_MS, SESSION_BREAK_MS } from '#services/timeline/sessions'

const HOUR_MS = 3_600_000

/** Figures that can say how they come about. */
export const FIGURES = [
  'active',
  'idle',
  'paused',
  'coverage',
  'categories',
  'sessions',
  'screenshots',
] as const
export type Figure = (typeof FIGURES)[number]

export type Explanation = {
  readonly figure: Figure
  readonly formula: string
  readonly inputs: readonly string[]
  readonly rules: readonly string[]
}

const SESSION_RULE = `A session runs from the first activity to the last one that no break of more than ${SESSION_BREAK_MS / HOUR_MS} hours precedes. It belongs to the day it began in, unless it runs on for more than ${LONGEST_CARRY_MS / HOUR_MS} hours into the next one.`
const MERGE_RULE =
  'Equal events of one computer whose distance is at most their pulsetime are one. A pause takes its time out of everything else.'
const PEOPLE_RULE =
  'Several computers of one person are one person: active at one of them is active, and no moment is counted twice.'

const EXPLANATIONS: Readonly<Record<Figure, Omit<Explanation, 'figure'>>> = {
  active: {
    formula:
      'The length of the union of all spans of presence “active” within the sessions of a day.',
    inputs: [
      'Presence events of the person’s computers',
      'Heartbeats where a computer sends no presence',
      'Gaps with the cause “paused”',
    ],
    rules: [
      MERGE_RULE,
      PEOPLE_RULE,
      `The state of a heartbeat holds until the next one, for ${BEAT_HOLDS_MS / 1000} seconds at the most.`,
    ],
  },
  idle: {
    formula:
      'The time of presence “afk” within sessions in which the person is active at no computer.',
    inputs: ['Presence events of the person’s computers'],
    rules: [
      MERGE_RULE,
      PEOPLE_RULE,
      'Time before the first activity and after the last one is not idle.',
    ],
  },
  paused: {
    formula: 'The time of gaps with the cause “paused” within sessions.',
    inputs: ['Gaps that the computers reported'],
    rules: ['A pause is no idle time and lowers no figure but the active time itself.'],
  },
  coverage: {
    formula:
      'Time of which there is a reading ÷ time of which there should be one, within sessions.',
    inputs: ['Presence events and heartbeats', 'Gaps with a cause'],
    rules: [
      'There should be a reading of every moment of a session but pauses, hours off, sleep of the computer, a locked screen and a stopped agent.',
    ],
  },
  categories: {
    formula:
      'For each window in front: the part of its time in which the person was active, under the category of the rule that takes it.',
    inputs: ['Window events of the person’s computers', 'Presence, as for the active time'],
    rules: [
      'Of the rules that fit, the one of highest priority decides, then the oldest. What no rule takes is uncategorised.',
      'Of several windows at one moment the one that came to the front last counts.',
      'A category tells what time was spent on. Nobody is ranked by it, and nothing is deducted.',
    ],
  },
  sessions: {
    formula: 'The number of stretches of activity, cut by breaks.',
    inputs: ['The active time'],
    rules: [SESSION_RULE],
  },
  screenshots: {
    formula: 'The number of pictures captured in the time of the day.',
    inputs: ['Screenshots that are kept'],
    rules: ['A look that found the display unchanged is counted apart.', SESSION_RULE],
  },
}

/** Says how a figure comes about. */
export function explain(figure: Figure): Explanation {
  return { figure, ...EXPLANATIONS[figure] }
}

export const GROUP_RULE = `A group of fewer than ${LEAST_GROUP} people with data is not shown, neither in sum nor on a single day.`
