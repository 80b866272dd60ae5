import Agent from '#models/agent'
import { readLedger, verifyLedger } from '#services/acknowledgement_ledger'
import { DEMO_DOMAIN } from '#services/demo/cast'
import db from '@adonisjs/lucid/services/db'

/** Computers that a page lists. */
const MOST = 200

/** A text that some computer's person read last; instants in milliseconds. */
export type ReadNotice = {
  readonly sha256: string
  readonly site: string | null
  readonly version: number
  readonly language: string
  /** Computers in use whose newest acknowledgement names it. */
  readonly computers: number
  readonly firstAt: number
  readonly lastAt: number
  /** Null where the agent sent the acknowledgement without it. */
  readonly text: string | null
}

/**
 * Computers in use, heard of, whose notice nobody has acknowledged: all they tell is that they live.
 * Those of a demo are not among them: nobody sits there.
 */
export function unreadAgents() {
  return Agent.query()
    .whereNull('revoked_at')
    .whereNotNull('last_seen_at')
    .whereNotExists((simulated) =>
      simulated
        .from('users')
        .whereColumn('users.id', 'agents.person_id')
        .where('users.email', 'like', `%@${DEMO_DOMAIN}`)
    )
    .whereNotExists((read) =>
      read.from('acknowledgements').whereColumn('acknowledgements.agent_id', 'agents.id')
    )
}

/** Those of some agents whose notice nobody has acknowledged, by id. */
export async function unreadAmong(agents: readonly Agent[]): Promise<ReadonlySet<number>> {
  if (agents.length === 0) {
    return new Set()
  }
  const rows = await unreadAgents().select('id')
  return new Set(rows.map(({ id }) => id))
}

/** Which notices hold on computers in use, who has read none, and whether the ledger is whole. */
export async function noticesRead() {
  const [notices, unread, [counted], ledger] = await Promise.all([
    newestNotices(),
    unreadAgents().preload('person').orderBy('id', 'desc').limit(MOST),
    unreadAgents().count('* as agents'),
    readLedger(),
  ])
  return {
    notices,
    unread,
    unreadCount: Number(counted?.$extras.agents ?? 0),
    lines: ledger.entries.length,
    problems: verifyLedger(ledger),
  }
}

async function newestNotices(): Promise<ReadNotice[]> {
  const rows: Record<string, string | number | null>[] = await db
    .from('acknowledgements')
    .join('agents', 'agents.id', 'acknowledgements.agent_id')
    .leftJoin('notices', 'notices.text_sha256', 'acknowledgements.text_sha256')
    .whereNull('agents.revoked_at')
    .whereIn('acknowledgements.id', (newest) => {
      newest.from('acknowledgements').max('id').groupBy('agent_id')
    })
    .groupBy('acknowledgements.text_sha256', 'acknowledgements.version')
    .select('acknowledgements.text_sha256', 'acknowledgements.version')
    .max('acknowledgements.language as language')
    .max('notices.site as site')
    .max('notices.text as text')
    .count('* as computers')
    .min('acknowledged_at as first_at')
    .max('acknowledged_at as last_at')
  return rows
    .map((row) => ({
      sha256: String(row.text_sha256),
      site: row.site === null ? null : String(row.site),
      version: Number(row.version),
      language: String(row.language),
      computers: Number(row.computers),
      firstAt: Number(row.first_at),
      lastAt: Number(row.last_at),
      text: row.text === null ? null : String(row.text),
    }))
    .sort((one, other) => other.computers - one.computers || other.lastAt - one.lastAt)
}
