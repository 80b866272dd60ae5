import { Command, CommanderError } from 'commander'
import { AgentError, asError, ERRORS } from '../errors.ts'
import { VERSION } from '../runtime.ts'
import { Context } from './context.ts'
import { listDead, purgeDead, retryDead, showDead, type DeadFlags } from './dead.ts'
import { enrol, type EnrolFlags } from './enrol.ts'
import { acknowledgeNotice, showNotice } from './notice.ts'
import { exclusionsCommand } from './exclusions.ts'
import type { GlobalFlags } from './output.ts'
import { pauseCommands } from './pause.ts'
import { pendingCommand } from './pending.ts'
import { completionCommand } from './completion.ts'
import { configCommands } from './config.ts'
import { doctorCommand } from './doctor.ts'
import { leaveCommands } from './leave.ts'
import { logCommand } from './logs.ts'
import { lookCommands } from './look.ts'
import { pluginCommands } from './plugins.ts'
import { queueCommands } from './queue.ts'
import { sentCommands } from './sent.ts'
import { serviceCommand } from './service.ts'
import { run, type RunFlags } from './run.ts'
import { status, type StatusFlags } from './status.ts'

/** Makes the action of a command of what it does; its answer is the exit code. */
export type Does = <Args extends unknown[]>(
  work: (context: Context, ...args: Args) => Promise<number>
) => (...args: Args) => Promise<void>

const UNEXPECTED = 1
const USAGE = 2

/** Runs `worksight-agent` with these arguments, and answers its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let exit = 0
  const program = programOf((code) => (exit = code))
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exit
  } catch (error) {
    return failure(program.opts<GlobalFlags>(), error)
  }
}

function programOf(finish: (exit: number) => void): Command {
  const program = new Command('worksight-agent')
    .description('Shows an organisation openly how work goes on this machine.')
    .version(VERSION)
    .option('--json', 'one JSON document on stdout, nothing else')
    .option('--quiet', 'no messages')
    .option('--verbose', 'every step, on stderr')
    .option('--no-color', 'no colours')
    .option('--yes', 'answers every question with yes')
    .option('--data-dir <dir>', 'folder of identity, spool and logs')
    .option('--site <name>', 'site of config/sites (default: "default")')
    .option('--config <file>', 'a site file')
    .exitOverride()
    .showSuggestionAfterError()
  const does =
    <Args extends unknown[]>(work: (context: Context, ...args: Args) => Promise<number>) =>
    async (...args: Args) => {
      const context = new Context(program.opts<GlobalFlags>())
      await context.trustAuthority()
      finish(await work(context, ...args))
    }

  program
    .command('notice')
    .description('what is collected, and the hash to acknowledge')
    .action(does(showNotice))
  program
    .command('acknowledge [hash]')
    .description('you read the notice as it is now; its hash, or asked on the terminal')
    .action(does((context, hash?: string) => acknowledgeNotice(context, hash)))
  program
    .command('enrol [server] [code]')
    .description(
      'makes this machine an agent: by a one-time code, or without one by a code that it shows'
    )
    .option('--server <url>', 'address of the server')
    .option(
      '--code <code>',
      'the one-time code; without it one is shown, to be confirmed in the dashboard'
    )
    .option('--acknowledge <hash>', 'hash of the notice that was read')
    .option('--name <name>', 'what the machine is called (default: its host name)')
    .option('--person <who>', 'name or address of the person the code must be for')
    .option('--ca <file>', 'PEM file of the authority of the server, where the system has it not')
    .option('--insecure-localhost', 'http:// is meant, to a server on this machine')
    .action(
      does((context, server: string | undefined, code: string | undefined, flags: EnrolFlags) =>
        enrol(context, {
          ...flags,
          ...(server === undefined ? {} : { server }),
          ...(code === undefined ? {} : { code }),
        })
      )
    )
  program
    .command('run')
    .description('captures and delivers until Ctrl-C')
    .option('--once', 'one turn of each plugin, then ends')
    .option('--log-level <level>', 'least level that is written down (default: info)')
    .option('--splay <seconds>', 'waits up to so long before the first contact', '0')
    .action(does((context, flags: RunFlags) => run(context, flags)))
  program
    .command('status')
    .description('how the agent is')
    .option('--strict', 'exit 7 when something is not well')
    .option('--watch', 'looks again and again until Ctrl-C')
    .action(does((context, flags: StatusFlags) => status(context, flags)))
  exclusionsCommand(program, does)
  pauseCommands(program, does)
  pendingCommand(program, does)
  pluginCommands(program, does)
  sentCommands(program, does)
  queueCommands(program, does)
  configCommands(program, does)
  doctorCommand(program, does)
  logCommand(program, does)
  lookCommands(program, does)
  leaveCommands(program, does)
  serviceCommand(program, does)
  completionCommand(program, does)
  const dead = program.command('dead').description('what the server does not take')
  dead
    .command('list', { isDefault: true })
    .description('lists it, with reasons')
    .action(does(listDead))
  dead
    .command('show <id>')
    .description('one item in full')
    .action(does((context, id: string) => showDead(context, id)))
  dead
    .command('retry [ids...]')
    .description('puts items back into the queue')
    .option('--all', 'all of them')
    .action(does((context, ids: string[], flags: DeadFlags) => retryDead(context, ids, flags)))
  dead
    .command('purge [ids...]')
    .description('removes items for good')
    .option('--all', 'all of them')
    .action(does((context, ids: string[], flags: DeadFlags) => purgeDead(context, ids, flags)))
  return program
}

/** Says what went wrong, and answers the exit code that says the same. */
function failure(flags: GlobalFlags, thrown: unknown): number {
  if (thrown instanceof CommanderError) {
    return thrown.exitCode === 0 ? 0 : USAGE
  }
  const { out } = new Context(flags)
  const error = asError(thrown)
  if (error instanceof AgentError) {
    out.complain(`${error.code}: ${error.message}\n${error.help}`)
    return ERRORS[error.code].exit
  }
  out.complain(flags.verbose && error.stack !== undefined ? error.stack : error.message)
  return UNEXPECTED
}
