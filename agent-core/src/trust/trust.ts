import type { Site } from '../define_site.ts'
import type { Agent } from '../plugin.ts'
import { exclusionsOf } from './exclusions.ts'
import { ownExclusions } from './own_exclusions.ts'

export type TrustOptions = {
  readonly site: Site
  readonly dataDir: string
}

/**
 * What makes an agent one that a person can live with: what is never captured, at any time and
 * whatever a policy says.
 */
export class Trust {
  readonly #agent: Agent
  readonly #options: TrustOptions

  constructor(agent: Agent, options: TrustOptions) {
    this.#agent = agent
    this.#options = options
    exclusionsOf(agent).set('site', options.site.exclusions)
  }

  /** Reads anew what the person at this machine decided. Throws E_DAMAGED_FILE. */
  reload(): void {
    exclusionsOf(this.#agent).set('person', ownExclusions(this.#options.dataDir))
  }
}
