import type { AgentContact } from '#services/observation_statements'

/** How long the contact of an agent that was just noted may wait for the next one. */
const RESTS_MS = 1000

/** Agents that are remembered. */
const MOST_AGENTS = 200_000

type Noted = {
  /** What the database has been told. */
  readonly told: AgentContact
  /** What it has yet to be told. */
  readonly late: AgentContact | null
}

/**
 * What is still to be noted of agents. The usual agent speaks twice a minute, and its contact is noted
 * in the transaction of what it said. While transactions follow each other without a pause, the contact
 * of one that speaks a hundred times a second is noted once a second, unless its state or its version
 * changes: updating its row each time costs the database more than storing what it brings.
 */
export class Contacts {
  readonly #noted = new Map<number, Noted>()
  readonly #late = new Set<number>()

  /** What has to go into the transaction that holds `fresh`: with what waited for as long as it may. */
  due(fresh: readonly AgentContact[], now = Date.now()): readonly AgentContact[] {
    const due = new Map<number, AgentContact>()
    for (const id of this.#late) {
      const noted = this.#noted.get(id)
      if (noted?.late && hasRested(noted, now)) {
        due.set(id, noted.late)
      }
    }
    for (const contact of fresh) {
      const noted = this.#noted.get(contact.id)
      if (!noted || due.has(contact.id) || isNews(contact, noted, now)) {
        due.set(contact.id, joined(noted?.late ?? null, contact))
      }
    }
    return [...due.values()]
  }

  /** Everything that waits. */
  late(): readonly AgentContact[] {
    return [...this.#late].flatMap((id) => this.#noted.get(id)?.late ?? [])
  }

  /** That a transaction that held `fresh` was committed, and told the database of `due`. */
  committed(fresh: readonly AgentContact[], due: readonly AgentContact[]) {
    if (this.#noted.size > MOST_AGENTS && this.#late.size === 0) {
      this.#noted.clear()
    }
    for (const told of due) {
      this.#noted.set(told.id, {
        told: joined(this.#noted.get(told.id)?.told ?? null, told),
        late: null,
      })
      this.#late.delete(told.id)
    }
    const ids = new Set(due.map(({ id }) => id))
    for (const contact of fresh) {
      const noted = this.#noted.get(contact.id)
      if (noted && !ids.has(contact.id)) {
        this.#noted.set(contact.id, { ...noted, late: joined(noted.late, contact) })
        this.#late.add(contact.id)
      }
    }
  }
}

const hasRested = ({ told }: Noted, now: number) => now - told.last_seen_at >= RESTS_MS

function isNews({ contact }: AgentContact, noted: Noted, now: number): boolean {
  const last = noted.late?.contact ?? noted.told.contact
  return (
    hasRested(noted, now) ||
    (contact !== null &&
      (contact.state !== last?.state ||
        contact.interval_seconds !== last.interval_seconds ||
        contact.agent_version !== last.agent_version))
  )
}

/** Two contacts of one agent as one. */
function joined(before: AgentContact | null, after: AgentContact): AgentContact {
  return {
    id: after.id,
    last_seen_at: after.last_seen_at,
    last_seq: Math.max(before?.last_seq ?? 0, after.last_seq),
    contact: after.contact ?? before?.contact ?? null,
  }
}
