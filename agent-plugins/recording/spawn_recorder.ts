import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { NICENESS, type StartRecorder } from './recorder.ts'
import { argv } from './recording_arguments.ts'

/** Starts a recorder as a plain child process. */
export const startBySpawn: StartRecorder = ({ ffmpeg, folder, args, line }) => {
  const child = spawn(ffmpeg, argv(args), {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  if (child.pid !== undefined) {
    setPriority(child.pid, NICENESS)
  }
  let isWanted = false
  let last = ''
  createInterface({ input: child.stderr }).on('line', (text) => {
    last = text
    line(text)
  })
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => {
      const how = signal === null ? `exited with code ${code}` : `was killed with signal ${signal}`
      resolve(isWanted || code === 0 ? null : `ffmpeg ${how}: ${last}`)
    })
  })
  const signal = (name: NodeJS.Signals) => {
    isWanted = true
    child.kill(name)
  }
  return { ended, end: () => signal('SIGINT'), kill: () => signal('SIGKILL') }
}
