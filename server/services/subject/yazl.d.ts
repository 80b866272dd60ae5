/** The little of yazl (which brings no types) that is used here. */
declare module 'yazl' {
  import type { EventEmitter } from 'node:events'
  import type { Readable } from 'node:stream'

  type Options = { readonly compress?: boolean; readonly mode?: number }

  export class ZipFile extends EventEmitter {
    readonly outputStream: NodeJS.ReadableStream
    addReadStreamLazy(
      path: string,
      options: Options,
      open: (done: (error: unknown, stream?: Readable) => void) => void
    ): void
    end(): void
  }

  const yazl: { readonly ZipFile: typeof ZipFile }
  export default yazl
}
