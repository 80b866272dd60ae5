import type { PluginState } from '../contract/heartbeat.ts'

/**
 * The machine does not give what a plugin wants to see. `unavailable` when something is missing,
 * `permission` when the system or its owner has not allowed it; the message is a sentence for a
 * person, and becomes the plugin's reason.
 */
export class Unavailable extends Error {
  static readonly code = 'E_UNAVAILABLE'
  readonly code = Unavailable.code
  readonly state: Extract<PluginState, 'unavailable' | 'permission'>

  constructor(state: Unavailable['state'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unavailable'
    this.state = state
  }
}
