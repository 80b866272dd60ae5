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

/** Makes a mistake in the command line end with exit code 2, as documented; Ace ends with 1. */
export function giveUsageErrorsTheirExitCode(kernel: Kernel) {
  const { errorHandler } = kernel
  const render = errorHandler.render.bind(errorHandler)
  errorHandler.render = async (error: unknown, context: Kernel) => {
    await render(error, context)
    if (USAGE.has((error as { code?: string }).code ?? '')) {
      kernel.exitCode = EXIT.usage
    }
  }
}
