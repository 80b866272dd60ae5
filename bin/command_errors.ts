import { isDatabaseAway, isTableMissing } from '#services/database_errors'
import { EXIT } from '#services/exit'
import type { Kernel } from '@adonisjs/core/ace'

/** Ace's own errors about how a command was typed. */
const USAGE = new Set([
  'E_COMMAND_NOT_FOUND',
  'E_MISSING_ARG',
  'E_MISSING_ARG_VALUE',
  'E_MISSING_FLAG',
  'E_MISSING_FLAG_VALUE',
  'E_UNKNOWN_FLAG',
  'E_INVALID_FLAG',
])

/**
 * Ends a command with the exit code that docs/commands.md gives its error, where Ace ends with 1: a mistake
 * in the command line, a database that does not answer, and one whose tables are not there yet. Of the
 * last two a sentence is said, and no trace.
 */
export function giveErrorsTheirExitCode(kernel: Kernel) {
  const { errorHandler } = kernel
  const render = errorHandler.render.bind(errorHandler)
  const say = (sentence: string, code: number) => {
    kernel.ui.logger.error(sentence)
    kernel.exitCode = code
  }
  errorHandler.render = async (error: unknown, context: Kernel) => {
    if (isTableMissing(error)) {
      return say('The database is not set up: node ace migration:run --force', EXIT.notSetUp)
    }
    if (isDatabaseAway(error)) {
      return say(`The database does not answer: ${(error as Error).message}`, EXIT.unreachable)
    }
    await render(error, context)
    if (USAGE.has((error as { code?: string }).code ?? '')) {
      kernel.exitCode = EXIT.usage
    }
  }
}
