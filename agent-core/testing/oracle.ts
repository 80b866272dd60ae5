import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Unnumbered } from '../src/spool.ts'

/** One item that lies somewhere at the end: on the server, in the queue, among the dead letters. */
export type FoundItem = { readonly id: string; readonly digest: string; readonly seq: number }

/** What the oracle says at the end. Ids, but for the number of `accepted`. */
export type OracleAnswer = {
  readonly accepted: number
  readonly attempted: number
  /** Accepted, and nowhere. */
  readonly lost: readonly string[]
  /** On the server twice, or under a number that another item has too. */
  readonly double: readonly string[]
  /** There with other bytes than were accepted. */
  readonly corrupt: readonly string[]
  /** There though nobody ever tried to record it. */
  readonly invented: readonly string[]
}

type Question =
  | { readonly verb: 'attempt'; readonly id: string; readonly digest: string }
  | { readonly verb: 'accepted'; readonly id: string }
  | {
      readonly verb: 'judge'
      readonly server: readonly FoundItem[]
      readonly kept: readonly FoundItem[]
    }

/** SHA-256 over all that is observed, its payload's digest included, but for the number it got. */
export function digestOf(observation: Unnumbered, payloadSha256: string | null): string {
  return hash('sha256', JSON.stringify([{ ...observation, seq: undefined }, payloadSha256]), 'hex')
}

/** A line to the oracle. Each word is answered, so that whoever goes on was heard. */
export class OracleLine {
  readonly #socket: Socket
  readonly #answers: AsyncIterator<string>

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#answers = createInterface({ input: socket })[Symbol.asyncIterator]()
  }

  static async to(path: string): Promise<OracleLine> {
    const socket = createConnection(path)
    await once(socket, 'connect')
    return new OracleLine(socket)
  }

  /** Said before an item is put. */
  async attempt(id: string, digest: string): Promise<void> {
    await this.#ask({ verb: 'attempt', id, digest })
  }

  /** Said after the spool accepted it. */
  async accepted(id: string): Promise<void> {
    await this.#ask({ verb: 'accepted', id })
  }

  /** Compares what is on the server and what the agent still keeps with what was accepted. */
  async judge(server: readonly FoundItem[], kept: readonly FoundItem[]): Promise<OracleAnswer> {
    return (await this.#ask({ verb: 'judge', server, kept })) as OracleAnswer
  }

  close(): void {
    this.#socket.destroy()
  }

  async #ask(question: Question): Promise<unknown> {
    this.#socket.write(`${JSON.stringify(question)}\n`)
    const { value, done } = await this.#answers.next()
    if (done) {
      throw new Error('The oracle has gone')
    }
    return JSON.parse(value)
  }
}

/** Starts the oracle as a process of its own, at a socket that no fault of agent, server or network reaches. */
export async function startOracle(path: string): Promise<{
  readonly line: OracleLine
  stop(): Promise<void>
}> {
  const child = spawn(process.execPath, [import.meta.filename, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const line = await OracleLine.to(path)
  return {
    line,
    async stop() {
      line.close()
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

function serve(path: string): void {
  const attempted = new Map<string, string>()
  const accepted = new Set<string>()
  const answer = (question: Question): unknown => {
    switch (question.verb) {
      case 'attempt':
        attempted.set(question.id, question.digest)
        return null
      case 'accepted':
        accepted.add(question.id)
        return null
      case 'judge':
        return judgement(question.server, question.kept, attempted, accepted)
    }
  }
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${JSON.stringify(answer(JSON.parse(line) as Question))}\n`)
    })
  })
  server.listen(path, () => process.stdout.write('ready\n'))
}

function judgement(
  server: readonly FoundItem[],
  kept: readonly FoundItem[],
  attempted: ReadonlyMap<string, string>,
  accepted: ReadonlySet<string>
): OracleAnswer {
  const found = [...server, ...kept]
  const ids = new Set(found.map(({ id }) => id))
  const holderOf = new Map<number, string>()
  found.forEach(({ id, seq }) => holderOf.set(seq, holderOf.get(seq) ?? id))
  const onServer = new Set<string>()
  const again = server.filter(({ id }) => onServer.size === onServer.add(id).size)
  return {
    accepted: accepted.size,
    attempted: attempted.size,
    lost: [...accepted].filter((id) => !ids.has(id)),
    double: [...again, ...found.filter(({ id, seq }) => holderOf.get(seq) !== id)].map(
      ({ id }) => id
    ),
    corrupt: found
      .filter(({ id, digest }) => attempted.has(id) && attempted.get(id) !== digest)
      .map(({ id }) => id),
    invented: found.filter(({ id }) => !attempted.has(id)).map(({ id }) => id),
  }
}

if (process.argv[1] === import.meta.filename) {
  serve(process.argv[2] ?? '')
}
