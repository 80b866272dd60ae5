import type { CurrentPause } from './pause.ts'

/** What an agent does with what it sees: the four that a person must be able to tell apart. */
export type ObservingState = 'capturing' | 'paused' | 'private' | 'off'

export type ObservingFacts = {
  readonly pause: CurrentPause | null
  /** Whether a notice was acknowledged that covers what is in force. */
  readonly coversPolicy: boolean
  readonly isWithinHours: boolean
  /** Indicators that are alive. */
  readonly indicators: readonly string[]
}

/** The state, and one line that says it to a person. */
export function observing(facts: ObservingFacts): {
  readonly state: ObservingState
  readonly text: string
} {
  const { pause, coversPolicy, isWithinHours, indicators } = facts
  if (!coversPolicy) {
    return { state: 'off', text: 'Nothing is captured until you have read the notice' }
  }
  if (pause !== null) {
    const isPrivate = pause.kind === 'private'
    const until = pause.until === null ? 'you end it' : clockTime(pause.until)
    return {
      state: isPrivate ? 'private' : 'paused',
      text: `${isPrivate ? 'Private time' : 'Paused'} until ${until}: nothing is captured`,
    }
  }
  if (!isWithinHours) {
    return { state: 'off', text: 'Outside hours: nothing is captured' }
  }
  return indicators.length === 0
    ? { state: 'off', text: 'No indicator: nothing is captured' }
    : { state: 'capturing', text: 'Capturing now' }
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
