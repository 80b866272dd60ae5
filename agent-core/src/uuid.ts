import { randomBytes } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Whether `text` is a UUIDv7 in lower case. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/**
 * A source of UUIDv7 (RFC 9562, 5.7) that never repeats and never goes back, also when the clock
 * does: each id sorts after the one before it, and after `last`, the greatest id of an earlier run.
 */
export class UuidSource {
  #milliseconds = 0
  #counter = 0
  #last: string | null
  readonly #now: () => number

  constructor(now: () => number, last: string | null = null) {
    this.#now = now
    this.#last = last
    if (last !== null && isUuid(last)) {
      this.#milliseconds = Number.parseInt(last.slice(0, 8) + last.slice(9, 13), 16)
      this.#counter = Number.parseInt(last.slice(15, 18), 16)
    }
  }

  /** The greatest id so far, or null before the first. */
  get last(): string | null {
    return this.#last
  }

  /** The next id. The 12 bits after the version count within a millisecond; the rest is random. */
  next(): string {
    const now = Math.max(0, Math.floor(this.#now()))
    if (now > this.#milliseconds) {
      this.#milliseconds = now
      this.#counter = randomBytes(1)[0] ?? 0
    } else {
      this.#counter += 1
      if (this.#counter > 0xfff) {
        this.#milliseconds += 1
        this.#counter = 0
      }
    }
    const random = randomBytes(8)
    random[0] = ((random[0] ?? 0) & 0x3f) | 0x80
    const time = this.#milliseconds.toString(16).padStart(12, '0')
    const count = this.#counter.toString(16).padStart(3, '0')
    const tail = random.toString('hex')
    this.#last = `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${tail.slice(0, 4)}-${tail.slice(4)}`
    return this.#last
  }
}

const ofThisProcess = new UuidSource(Date.now)

/** A UUIDv7 that sorts after every one this process made before: for groups and other names that are no item's. */
export function uuidv7(): string {
  return ofThisProcess.next()
}
