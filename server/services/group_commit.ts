import type { ObservationResult } from '#contract/answers'
import { LIMITS } from '#contract/limits'
import ObservationsStored, { type Stored } from '#events/observations_stored'
import { E_BUSY, E_UNAUTHORIZED } from '#exceptions/api_errors'
import { Contacts } from '#services/contacts'
import { isSilence } from '#services/database_silence'
import { isDatabaseAway, isLostRace, isMissingParent } from '#services/database_errors'
import { OBSERVATION_TABLES, type Observer, type Row, type Table } from '#services/observation_rows'
import {
  storeAtOnce,
  storeWithin,
  type AgentContact,
  type Fresh,
} from '#services/observation_statements'
import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/**
 * Rows of one transaction. Twice as many cost neither engine less a row, and what waits longer is
 * copied more often by the collector of V8.
 */
const MOST_ROWS = 200

/** Rows that may wait at once; more are refused before memory grows. */
const MOST_WAITING = 20_000

/** Messages that may wait at once to become rows. */
const MOST_MESSAGES = MOST_WAITING / LIMITS.batchEvents

/** How often one job is tried when others write the same rows at the same time. */
const MOST_ATTEMPTS = 5

/** Agents whose highest number is remembered. */
const MOST_HEADS = 200_000

type Job = {
  readonly agent: Observer
  readonly rows: readonly Row[]
  readonly resolve: (results: ObservationResult[]) => void
  readonly reject: (error: unknown) => void
}

/** What is here of one agent, as far as it was looked up: hashes by id, and the numbers taken. */
class Known {
  readonly hashes = new Map<string, string>()
  readonly seqs = new Set<number>()

  add({ id, seq, content_sha256: hash }: Pick<Row['columns'], 'id' | 'seq' | 'content_sha256'>) {
    this.hashes.set(id, hash)
    this.seqs.add(Number(seq))
  }
}

/**
 * Group commit: what requests bring while a transaction is under way joins the next one, with one
 * statement a table, and each request is answered after the COMMIT that holds its rows. There is no
 * timer, so that a lone request waits for nothing. When a transaction fails, its jobs are tried one
 * by one, so that none fails for another's sake.
 */
export class GroupCommit {
  #waiting: Job[] = []
  #waitingRows = 0
  readonly #messages: (() => void)[] = []
  #isRunning = false
  /** Highest sequence number of each agent that this process saw committed. */
  readonly #heads = new Map<number, number>()
  readonly #contacts = new Contacts()
  /** Transactions so far, whatever became of them. */
  transactions = 0

  /**
   * Waits until rows are wanted, and gives `message` back: as many wait as the next transaction takes.
   * A message that has not been read yet is bytes outside of V8's heap; what is made of it would be
   * carried along by every collection of the young until it is stored. Throws E_BUSY when too many wait.
   */
  async room<Message>(message: Message): Promise<Message> {
    if (this.#waitingRows >= MOST_ROWS || this.#messages.length > 0) {
      if (this.#messages.length >= MOST_MESSAGES) {
        throw new E_BUSY()
      }
      await new Promise<void>((resolve) => this.#messages.push(resolve))
    }
    return message
  }

  /** Lets messages in one by one: each in a turn of the event loop of its own. */
  #letIn() {
    if (this.#waitingRows < MOST_ROWS && this.#messages.length > 0) {
      this.#messages.shift()?.()
      setImmediate(() => this.#letIn())
    }
  }

  /**
   * Stores what is new and answers for each row, in order. Throws E_BUSY when too much waits, and
   * what the database throws.
   */
  commit(agent: Observer, rows: readonly Row[]): Promise<ObservationResult[]> {
    if (this.#waitingRows + rows.length > MOST_WAITING) {
      throw new E_BUSY()
    }
    this.#waitingRows += rows.length
    return new Promise((resolve, reject) => {
      this.#waiting.push({ agent, rows, resolve, reject })
      if (!this.#isRunning) {
        this.#isRunning = true
        setImmediate(() => void this.#run())
      }
    })
  }

  /** What is to be said of a row that is here already, or null when it is new. */
  async find(agent: Observer, row: Row): Promise<ObservationResult | null> {
    if (this.#isNew(agent, row)) {
      return null
    }
    const known = new Known()
    await lookUp(db, agent, [row], known)
    return judge(row, known)
  }

  /** Notes every contact that still waits. */
  async end() {
    await this.#note(this.#contacts.late())
  }

  async #run() {
    await this.#flush(this.#take())
    do {
      while (this.#waiting.length > 0) {
        await this.#flush(this.#take(), 'in a row')
      }
      await this.#note(this.#contacts.late())
    } while (this.#waiting.length > 0)
    this.#isRunning = false
  }

  /** Contacts without observations. They were promised to nobody: what fails waits for the next time. */
  async #note(contacts: readonly AgentContact[]) {
    if (contacts.length === 0) {
      return
    }
    try {
      await storeAtOnce({ rows: new Map(), contacts })
      this.#contacts.committed([], contacts)
    } catch (error) {
      logger.warn({ err: error }, 'the last contact of %d agents is noted later', contacts.length)
    }
  }

  #take(): Job[] {
    let rows = 0
    let count = 0
    for (const job of this.#waiting) {
      rows += job.rows.length
      if (count > 0 && rows > MOST_ROWS) {
        break
      }
      count += 1
    }
    const jobs = this.#waiting.splice(0, count)
    this.#waitingRows -= jobs.reduce((sum, job) => sum + job.rows.length, 0)
    this.#letIn()
    return jobs
  }

  /** Everything that waits: a server that says nothing says it to nobody. */
  #takeAll(): Job[] {
    const jobs: Job[] = []
    while (this.#waiting.length > 0) {
      jobs.push(...this.#take())
    }
    return jobs
  }

  async #flush(jobs: readonly Job[], how?: 'in a row') {
    try {
      this.#answer(jobs, await this.#store(jobs, how))
    } catch (error) {
      const [first, second] = jobs
      if (isDatabaseAway(error) && !isLostRace(error)) {
        const all = isSilence(error) ? [...jobs, ...this.#takeAll()] : jobs
        all.forEach((job) => job.reject(error)) // each by itself would only wait as long again
        return
      }
      if (first && !second && !isLostRace(error)) {
        first.reject(isMissingParent(error) ? new E_UNAUTHORIZED() : error)
        return
      }
      for (const job of jobs) {
        await this.#alone(job)
      }
    }
  }

  /** A job by itself; one that lost a race sees at its next try what the other one wrote. */
  async #alone(job: Job) {
    this.#heads.delete(job.agent.id)
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.#answer([job], await this.#store([job], 'looking'))
      } catch (error) {
        if (!isLostRace(error) || attempt === MOST_ATTEMPTS) {
          return job.reject(isMissingParent(error) ? new E_UNAUTHORIZED() : error)
        }
      }
    }
  }

  #answer(jobs: readonly Job[], results: readonly ObservationResult[][]) {
    const stored: Stored[] = []
    for (const [index, job] of jobs.entries()) {
      const own = results[index] ?? []
      const last = job.rows.findLast((_row, position) => own[position]?.result === 'created')
      if (last) {
        this.#remember(job)
        stored.push({ agent: job.agent, kind: last.kind, last: last.columns.id })
      }
      job.resolve(own)
    }
    if (stored.length > 0) {
      void ObservationsStored.dispatch(stored)
    }
  }

  #remember({ agent, rows }: Job) {
    if (this.#heads.size > MOST_HEADS) {
      this.#heads.clear()
    }
    const highest = rows.reduce((most, row) => Math.max(most, row.columns.seq), 0)
    this.#heads.set(agent.id, Math.max(highest, this.#headOf(agent)))
  }

  #headOf(agent: Observer): number {
    return Math.max(this.#heads.get(agent.id) ?? 0, agent.lastSeq)
  }

  /** A number above all that were committed cannot be taken: there is nothing to look up. */
  #isNew(agent: Observer, row: Row): boolean {
    return row.columns.seq > this.#headOf(agent)
  }

  /**
   * One transaction: judges what may be known, inserts what is new, notes the contact. Where nothing
   * can be known, the transaction asks nothing.
   */
  async #store(jobs: readonly Job[], how?: 'looking' | 'in a row'): Promise<ObservationResult[][]> {
    this.transactions += 1
    const isLooking = how === 'looking'
    const isSure = !isLooking && jobs.every(({ agent, rows }) => this.#areNew(agent, rows))
    const sorting = new Sorting()
    if (isSure) {
      const results = jobs.map((job) => sorting.take(job))
      const { rows, contacts } = sorting.fresh()
      const due = how ? this.#contacts.due(contacts) : contacts
      await storeAtOnce({ rows, contacts: due })
      this.#contacts.committed(contacts, due)
      return results
    }
    const results: ObservationResult[][] = []
    await db.transaction(async (trx) => {
      for (const job of jobs) {
        const { agent, rows } = job
        const unsure = isLooking ? rows : rows.filter((row) => !this.#isNew(agent, row))
        if (unsure.length > 0) {
          await lookUp(trx, agent, unsure, sorting.knownOf(agent))
        }
        results.push(sorting.take(job))
      }
      await storeWithin(trx, sorting.fresh())
    })
    const { contacts } = sorting.fresh()
    this.#contacts.committed(contacts, contacts)
    return results
  }

  #areNew(agent: Observer, rows: readonly Row[]): boolean {
    const head = this.#headOf(agent)
    return rows.every((row) => row.columns.seq > head)
  }
}

/** What the jobs of one transaction bring, sorted into what is new and what is known. */
class Sorting {
  readonly #rows = new Map<Table, Row['columns'][]>()
  readonly #contacts = new Map<number, AgentContact>()
  readonly #known = new Map<number, Known>()

  knownOf(agent: Observer): Known {
    const known = this.#known.get(agent.id) ?? new Known()
    this.#known.set(agent.id, known)
    return known
  }

  take({ agent, rows }: Job): ObservationResult[] {
    const known = this.knownOf(agent)
    this.#contacts.set(agent.id, contactOf(agent, rows, this.#contacts.get(agent.id)))
    return rows.map((row) => take(row, known, this.#rows))
  }

  fresh(): Fresh {
    return { rows: this.#rows, contacts: [...this.#contacts.values()] }
  }
}

/** The one committer of this process. */
export const committer = new GroupCommit()
app.terminating(() => committer.end())

/** Takes a row among the fresh ones unless there is something else to be said of it. */
function take(row: Row, known: Known, fresh: Map<Table, Row['columns'][]>): ObservationResult {
  const verdict = judge(row, known)
  if (verdict) {
    return verdict
  }
  known.add(row.columns)
  const columns = fresh.get(row.table)
  if (columns) {
    columns.push(row.columns)
  } else {
    fresh.set(row.table, [row.columns])
  }
  return { id: row.columns.id, result: 'created' }
}

function contactOf(agent: Observer, rows: readonly Row[], before?: AgentContact): AgentContact {
  return {
    id: agent.id,
    last_seen_at: Date.now(),
    last_seq: rows.reduce((most, row) => Math.max(most, row.columns.seq), before?.last_seq ?? 0),
    contact: rows.findLast((row) => row.contact)?.contact ?? before?.contact ?? null,
  }
}

/** Adds the rows of this agent, of any kind, that have an id or a number of `rows`: one query. */
async function lookUp(
  client: Pick<TransactionClientContract, 'from'>,
  agent: Observer,
  rows: readonly Row[],
  known: Known
): Promise<void> {
  const ids = rows.map((row) => row.columns.id)
  const seqs = rows.map((row) => row.columns.seq)
  const [first, ...others] = OBSERVATION_TABLES.map((table) =>
    client
      .from(table)
      .select('id', 'seq', 'content_sha256')
      .where('agent_id', agent.id)
      .where((query) => query.whereIn('id', ids).orWhereIn('seq', seqs))
  )
  if (first) {
    for (const row of await first.unionAll(others)) {
      known.add(row)
    }
  }
}

/** What is to be said of a row that is here already, or null when it is new. */
function judge({ columns }: Row, known: Known): ObservationResult | null {
  const { id, seq } = columns
  const hash = known.hashes.get(id)
  if (hash === columns.content_sha256) {
    return { id, result: 'duplicate' }
  }
  if (hash !== undefined) {
    const message = 'This id is here already, with other content'
    return { id, result: 'conflict', code: 'E_CONFLICT', field: 'id', message }
  }
  if (known.seqs.has(seq)) {
    const message = `The sequence number ${seq} is taken by another observation`
    return { id, result: 'conflict', code: 'E_CONFLICT', field: 'seq', message }
  }
  return null
}
