import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A running Xvfb. */
export type VirtualDisplay = {
  /** As DISPLAY names it, for example `:1`. */
  readonly name: string
  readonly pid: number
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>
}

/**
 * Starts Xvfb (Debian package `xvfb`) on a display number that it finds free itself. It is black
 * until something is painted. Throws when Xvfb is not on PATH or does not start.
 */
export async function startXvfb(
  options: {
    readonly width?: number
    readonly height?: number
    /** Bits a pixel. */
    readonly depth?: number
    /** More arguments, such as `-auth` with a file. */
    readonly args?: readonly string[]
  } = {}
): Promise<VirtualDisplay> {
  const { width = 640, height = 360, depth = 24, args = [] } = options
  const screen = ['-screen', '0', `${width}x${height}x${depth}`, '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', ['-displayfd', '3', ...screen, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const ended = once(server, 'exit')
  const number = server.stdio[3]
  if (!number || !('setEncoding' in number)) {
    throw new Error('Xvfb was started without a pipe for its display number')
  }
  number.setEncoding('utf8')
  const [text] = await Promise.race([
    once(number, 'data'),
    ended.then(() => Promise.reject(new Error('Xvfb ended before it had a display'))),
  ])
  return {
    name: `:${String(text).trim()}`,
    pid: server.pid ?? 0,
    async stop() {
      server.kill('SIGTERM')
      await ended
    },
  }
}
