import { existsSync } from 'node:fs'
import ffmpeg from 'fluent-ffmpeg'
import { NICENESS, type StartRecorder } from './recorder.ts'

/** Starts a recorder by fluent-ffmpeg. It is handed finished arguments and adds `-y` to them. */
export const startByFluent: StartRecorder = ({ ffmpeg: program, folder, args, line }) => {
  const command = ffmpeg({ cwd: folder, niceness: NICENESS })
  command.setFfmpegPath(program)
  // two arguments or more are passed on as they are; one alone would be split at its space
  command.input(args.source).inputOptions(...asMany(args.inputOptions))
  command.output(args.target).outputOptions(...asMany(args.outputOptions))

  let isRunning = false
  let wanted: NodeJS.Signals | null = null
  const signal = (name: NodeJS.Signals) => {
    wanted = name
    if (isRunning) {
      command.kill(name)
    }
  }
  if (!existsSync(folder)) {
    // the package throws where nobody can catch it when the system refuses to start a program there
    return { ended: Promise.resolve(`there is no folder ${folder}`), end: () => {}, kill: () => {} }
  }
  const ended = new Promise<string | null>((resolve) => {
    command.on('start', () => {
      isRunning = true
      // it looked up what ffmpeg can do first, and was told to end meanwhile
      if (wanted !== null) {
        command.kill(wanted)
      }
    })
    command.on('stderr', line)
    command.on('end', () => resolve(null))
    command.on('error', (error: Error) => resolve(wanted === null ? error.message : null))
  })
  command.run()
  return { ended, end: () => signal('SIGINT'), kill: () => signal('SIGKILL') }
}

function asMany(options: readonly string[]): [string, string, ...string[]] {
  const [first, second, ...others] = options
  if (first === undefined || second === undefined) {
    throw new TypeError(`Expected two options at least, found ${options.length}`)
  }
  return [first, second, ...others]
}
