import { join } from 'node:path'
import type { PolicyKey } from '../contract/policy.ts'
import type { Site } from './define_site.ts'
import type { Identity } from './hooks.ts'
import { isAcknowledged, noticeOf, type Acknowledgement, type Notice } from './notice.ts'
import {
  effectivePolicy,
  narrowed,
  SITE_ALONE,
  widerKeys,
  withoutWider,
  type Policy,
  type PolicyBounds,
  type PublishedPolicy,
} from './policy.ts'
import { readPrivate, writePrivate } from './trust/private_file.ts'

const FILE = 'policy.json'

/** What is kept on disk, for the agent it was published for. */
type Kept = {
  /** Server and number of the agent; another one's policy does not hold. */
  readonly agent: string
  readonly etag: string | null
  /** The newest that the server published. */
  readonly received: PublishedPolicy
  /** What holds of it. */
  readonly inForce: PublishedPolicy
  /** The one whose notice was acknowledged last, or null. */
  readonly acknowledged: PublishedPolicy | null
}

/** What holds now, and what waits for the person. */
export type PolicyState = {
  readonly policy: Policy
  /** What the person at this machine should have read: of the newest policy. */
  readonly notice: Notice
  /** Whether a notice was acknowledged that covers `policy`. */
  readonly isAcknowledged: boolean
  /** A newer policy that observes more, and in what; it waits for the acknowledgement of `notice`. */
  readonly pending: { readonly version: number; readonly wider: readonly PolicyKey[] } | null
}

/**
 * Keeps the policy of this agent: on disk (0600), so that it also holds without the server, and in
 * force only as far as the person acknowledged. What narrows holds at once; what observes more than
 * what holds waits until the notice that says so is acknowledged.
 */
export class PolicyKeeper {
  readonly #site: Site
  readonly #path: string
  readonly #bounds: PolicyBounds
  #kept: Kept = keptFor('')

  constructor(site: Site, dataDir: string) {
    this.#site = site
    this.#path = join(dataDir, FILE)
    this.#bounds = boundsOf(site)
  }

  get etag(): string | null {
    return this.#kept.etag
  }

  /** The newest that the server published. */
  get received(): PublishedPolicy {
    return this.#kept.received
  }

  /** Reads what is kept for this agent. Throws E_DAMAGED_FILE. Changes nothing on disk. */
  open(identity: Pick<Identity, 'server' | 'agentId'> | null): void {
    const agent = identity === null ? '' : `${identity.agentId}@${identity.server}`
    const kept = readPrivate(this.#path, keptOf)
    this.#kept = kept?.agent === agent ? kept : keptFor(agent)
  }

  /** What holds while `acknowledgement` stands. Changes nothing. */
  state(acknowledgement: Acknowledgement | null): PolicyState {
    return this.#decide(acknowledgement).state
  }

  /** Takes what the server published, or null for no news, and keeps what follows from it on disk. */
  settle(
    acknowledgement: Acknowledgement | null,
    news: { readonly published: PublishedPolicy; readonly etag: string | null } | null = null
  ): PolicyState {
    const before = JSON.stringify(this.#kept)
    if (news !== null) {
      this.#kept = { ...this.#kept, received: news.published, etag: news.etag }
    }
    const { kept, state } = this.#decide(acknowledgement)
    this.#kept = kept
    if (JSON.stringify(kept) !== before) {
      writePrivate(this.#path, kept)
    }
    return state
  }

  #decide(acknowledgement: Acknowledgement | null): { kept: Kept; state: PolicyState } {
    const { received, acknowledged } = this.#kept
    const notice = noticeOf(this.#site, received)
    const read = [received, acknowledged ?? SITE_ALONE, SITE_ALONE].find((published) =>
      isAcknowledged(noticeOf(this.#site, published), acknowledgement)
    )
    if (read === undefined) {
      const policy = this.#effective(received)
      return {
        kept: this.#kept,
        state: { policy, notice, isAcknowledged: false, pending: null },
      }
    }
    const isKnown = read !== received && isSame(read, acknowledged)
    const inForce = isKnown ? this.#kept.inForce : read
    const wider = widerKeys(
      this.#effective(inForce),
      this.#effective(received),
      this.#site.plugins.map(({ name }) => name)
    )
    const holds = wider.length === 0 ? received : withoutWider(inForce, received, wider)
    return {
      kept: { ...this.#kept, inForce: holds, acknowledged: read },
      state: {
        policy: this.#effective(holds),
        notice,
        isAcknowledged: true,
        pending: wider.length === 0 ? null : { version: received.version, wider },
      },
    }
  }

  #effective(published: PublishedPolicy): Policy {
    return effectivePolicy(this.#bounds, published)
  }
}

/** What a site and its plugins allow at most. */
export function boundsOf(site: Pick<Site, 'plugins' | 'bounds'>): PolicyBounds {
  const ofPlugins: PolicyBounds = Object.assign({}, ...site.plugins.map(({ bounds }) => bounds))
  return { ...ofPlugins, ...narrowed(ofPlugins, site.bounds) }
}

function keptFor(agent: string): Kept {
  return {
    agent,
    etag: null,
    received: SITE_ALONE,
    inForce: SITE_ALONE,
    acknowledged: null,
  }
}

function isSame(one: PublishedPolicy, other: PublishedPolicy | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function keptOf(value: unknown): Kept {
  const { agent, etag, received, inForce, acknowledged } = (value ?? {}) as Partial<Kept>
  const policies = [received, inForce, ...(acknowledged === null ? [] : [acknowledged])]
  const isPolicy = (policy: PublishedPolicy | undefined) =>
    Number.isSafeInteger(policy?.version) && typeof policy?.values === 'object'
  if (typeof agent !== 'string' || etag === undefined || !policies.every(isPolicy)) {
    throw new TypeError('not a policy')
  }
  return value as Kept
}
