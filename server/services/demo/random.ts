/** Numbers that look random and are the same for the same seed, so that a demo can be made again. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)] as Item
  }

  /** A UUIDv7 of an instant in milliseconds. */
  uuid(time: number): string {
    const tail = Array.from({ length: 20 }, () => this.whole(0, 15).toString(16)).join('')
    const head = time.toString(16).padStart(12, '0')
    const variant = this.pick(['8', '9', 'a', 'b'])
    return `${head.slice(0, 8)}-${head.slice(8)}-7${tail.slice(0, 3)}-${variant}${tail.slice(3, 6)}-${tail.slice(6, 18)}`
  }

  /** A generator of its own, which later draws here do not change. */
  fork(): Random {
    return new Random(this.whole(0, 0xffffffff))
  }
}
