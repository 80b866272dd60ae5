import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/** How old what a process knows of changes may be: revocation is effective within a second. */
const FRESH_MS = 500

/** How long a transaction may hold a line back, so that one with a smaller id is not overlooked. */
const OVERLAP_MS = 30_000

/** How long lines are kept. */
const KEPT_MS = 3_600_000

type Listener = (agentId: number | null) => void

/**
 * What changed about agents, for everything in this process that remembers something of them. Every
 * process reads the same table, at most twice a second and only while someone asks, so that it holds
 * over many processes with nothing but the database.
 */
class AgentChanges {
  readonly #listeners = new Set<Listener>()
  #seen = new Map<number, number>()
  #readAt = 0
  /** The same by a clock that nobody sets: one that is put back must not keep this process from reading. */
  #readTick = -Infinity
  #isPrimed = false
  #reading: Promise<void> | null = null
  #waiting = 0
  #timer: NodeJS.Timeout | undefined
  readonly #ending = new AbortController()

  /** Tells all processes, this one at once; inside a transaction, as soon as it is committed. */
  async announce(agentId: number | null, trx?: TransactionClientContract) {
    const client = trx ?? db.connection()
    const now = Date.now()
    await client.table('agent_changes').insert({ agent_id: agentId, at: now })
    await client
      .from('agent_changes')
      .where('at', '<', now - KEPT_MS)
      .delete()
    if (trx) {
      trx.after('commit', () => this.#tell(agentId))
    } else {
      this.#tell(agentId)
    }
  }

  /** Hears of changes until the function that is given back is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when everything that was committed more than half a second ago is known here. */
  async catchUp(): Promise<void> {
    if (performance.now() - this.#readTick < FRESH_MS) {
      return
    }
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    await this.#reading
  }

  /**
   * Resolves to true at the next change of an agent, and to false after `ms`, when `signal` is
   * aborted, or when the server ends.
   */
  next(agentId: number, ms: number, signal: AbortSignal): Promise<boolean> {
    if (ms <= 0 || signal.aborted || this.#ending.signal.aborted) {
      return Promise.resolve(false)
    }
    return new Promise((resolve) => {
      const end = (isChange: boolean) => {
        stop()
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#ending.signal.removeEventListener('abort', onAbort)
        this.#waitFor(-1)
        resolve(isChange)
      }
      const onAbort = () => end(false)
      const stop = this.listen((changed) => {
        if (changed === null || changed === agentId) {
          end(true)
        }
      })
      const timer = setTimeout(onAbort, ms)
      signal.addEventListener('abort', onAbort)
      this.#ending.signal.addEventListener('abort', onAbort)
      this.#waitFor(1)
    })
  }

  /** Lets go of everybody who waits: the server ends. */
  end() {
    this.#ending.abort()
  }

  /** While someone waits, changes of other processes are looked for. */
  #waitFor(more: number) {
    this.#waiting += more
    if (this.#waiting > 0) {
      this.#timer ??= setInterval(() => {
        this.catchUp().catch((error: unknown) => logger.warn({ err: error }, 'changes unread'))
      }, FRESH_MS).unref()
    } else {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  async #read() {
    const [startedAt, tick] = [Date.now(), performance.now()]
    const since = Math.min(this.#readAt, startedAt) - OVERLAP_MS
    const rows: { id: number; agent_id: number | null; at: number }[] = await db
      .from('agent_changes')
      .where('at', '>=', this.#isPrimed ? since : startedAt - OVERLAP_MS)
      .select('id', 'agent_id', 'at')
    const seen = new Map(rows.map(({ id, at }) => [Number(id), Number(at)]))
    const fresh = rows.filter(({ id }) => !this.#seen.has(Number(id)))
    this.#seen = seen
    this.#readAt = startedAt
    this.#readTick = tick
    if (this.#isPrimed) {
      fresh.forEach(({ agent_id: agentId }) => this.#tell(agentId))
    }
    this.#isPrimed = true
  }

  #tell(agentId: number | null) {
    this.#listeners.forEach((listener) => listener(agentId))
  }
}

/** The changes as this process knows them. */
export const agentChanges = new AgentChanges()

app.terminating(() => agentChanges.end())
