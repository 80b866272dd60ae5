import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { createHash } from 'node:crypto'

/** What one line of the ledger says: who read which text, when, on which machine. */
export type LedgerFacts = {
  readonly agent_id: number
  readonly subject: string
  readonly version: number
  readonly text_sha256: string
  readonly language: string
  /** Milliseconds since 1970: when the person read it, and when the server kept that. */
  readonly acknowledged_at: number
  readonly kept_at: number
}

export type LedgerEntry = LedgerFacts & {
  readonly previous_sha256: string
  readonly entry_sha256: string
}

/** A ledger by itself: its lines, and the texts they name. */
export type Ledger = {
  readonly entries: readonly LedgerEntry[]
  readonly texts: Readonly<Record<string, string>>
}

/** What stands before the first line. */
export const GENESIS = '0'.repeat(64)

/** How an entry is sealed: its facts in this order, after the seal of the one before it. */
export function sealOf(previous: string, facts: LedgerFacts): string {
  const what = [facts.agent_id, facts.subject, facts.version, facts.text_sha256, facts.language]
  return sha256(JSON.stringify([previous, ...what, facts.acknowledged_at, facts.kept_at]))
}

/** Adds a line after the last one. Two at once cannot follow the same one: one loses the race. */
export async function appendToLedger(
  trx: TransactionClientContract,
  facts: LedgerFacts & { readonly person_id: number | null }
): Promise<void> {
  const last = await trx
    .from('acknowledgements')
    .orderBy('id', 'desc')
    .select('entry_sha256')
    .forUpdate()
    .first()
  const previous = String(last?.entry_sha256 ?? GENESIS)
  await trx.table('acknowledgements').insert({
    ...facts,
    created_at: new Date(),
    previous_sha256: previous,
    entry_sha256: sealOf(previous, facts),
  })
}

/** The whole ledger, or the lines of one person. */
export async function readLedger(personId?: number): Promise<Ledger> {
  const query = db.from('acknowledgements').orderBy('id')
  const rows: Record<string, unknown>[] = await (personId === undefined
    ? query
    : query.where('person_id', personId))
  const entries = rows.map(entryOf)
  const texts: { text_sha256: string; text: string }[] = await db
    .from('notices')
    .whereIn('text_sha256', [...new Set(entries.map((entry) => entry.text_sha256))])
    .select('text_sha256', 'text')
  return {
    entries,
    texts: Object.fromEntries(texts.map(({ text_sha256: hash, text }) => [hash, text])),
  }
}

/**
 * What is wrong with a ledger, as sentences; none when it is whole. Of a whole ledger each line must
 * follow the one before it; lines of one person stand by themselves.
 */
export function verifyLedger({ entries, texts }: Ledger, isWhole = true): string[] {
  let previous = GENESIS
  const problems: string[] = []
  entries.forEach((entry, at) => {
    const line = `Line ${at + 1} (${entry.subject}, version ${entry.version})`
    if (isWhole && entry.previous_sha256 !== previous) {
      problems.push(`${line} does not follow the line before it`)
    }
    if (sealOf(entry.previous_sha256, entry) !== entry.entry_sha256) {
      problems.push(`${line} is not what was sealed`)
    }
    previous = entry.entry_sha256
  })
  for (const [hash, text] of Object.entries(texts)) {
    if (sha256(text) !== hash) {
      problems.push(`The text ${hash} is another one than was read`)
    }
  }
  return problems
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function entryOf(row: Record<string, unknown>): LedgerEntry {
  return {
    agent_id: Number(row.agent_id),
    subject: String(row.subject),
    version: Number(row.version),
    text_sha256: String(row.text_sha256),
    language: String(row.language),
    acknowledged_at: Number(row.acknowledged_at),
    kept_at: Number(row.kept_at),
    previous_sha256: String(row.previous_sha256),
    entry_sha256: String(row.entry_sha256),
  }
}
