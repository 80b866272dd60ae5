import redis from '@adonisjs/redis/services/main'

type Message = { readonly from: string; readonly payload: unknown }

/** Carries live updates between server processes by Redis; each tells the pages that are open at it. */
export class LiveTransport {
  #id = ''

  setId(id: string): this {
    this.#id = id
    return this
  }

  async publish(channel: string, payload: unknown): Promise<void> {
    await redis.publish(channel, JSON.stringify({ from: this.#id, payload } satisfies Message))
  }

  /** What this process said itself, its own pages know already. */
  subscribe(channel: string, handler: (payload: never) => void): Promise<void> {
    redis.subscribe(channel, (text: string) => {
      const { from, payload } = JSON.parse(text) as Message
      if (from !== this.#id) {
        handler(payload as never)
      }
    })
    return Promise.resolve()
  }

  /** Redis's client subscribes again by itself. */
  onReconnect(): void {}

  async unsubscribe(channel: string): Promise<void> {
    await redis.unsubscribe(channel)
  }

  /** The connection is the application's, which closes it. */
  async disconnect(): Promise<void> {}
}
