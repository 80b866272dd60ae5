import { EnrolmentRequestSchema } from '#database/schema'

/** A computer that asks to be let in; of the secret it asks with, only the hash is kept. */
export default class EnrolmentRequest extends EnrolmentRequestSchema {
  /** The code as people read it: `WDJB-MJHT`. */
  get shownCode(): string {
    return `${this.userCode.slice(0, 4)}-${this.userCode.slice(4)}`
  }

  /** What was said to it; one that nobody answered in time is over. */
  stateAt(now: number): 'open' | 'over' | 'confirmed' | 'refused' {
    if (this.state === 'open') {
      return this.expiresAt > now ? 'open' : 'over'
    }
    return this.state === 'confirmed' ? 'confirmed' : 'refused'
  }
}
