import env from '#start/env'
import app from '@adonisjs/core/services/app'
import { defineConfig, syncDestination, targets } from '@adonisjs/core/logger'
import type { InferLoggers } from '@adonisjs/core/types'

/** The standard output of a command is its answer, which `--json` makes one document. */
const isCommand = app.getEnvironment() === 'console'

/** NDJSON to `LOG_FILE` where one is set, else to the standard output of a server; readable in development. */
const loggerConfig = defineConfig({
  default: 'app',
  loggers: {
    app: {
      enabled: true,
      name: 'worksight',
      level: env.get('LOG_LEVEL'),
      redact: { paths: ['password', '*.password', 'token', '*.token', 'code', '*.code'] },
      ...(app.inProduction || isCommand ? {} : { destination: await syncDestination() }),
      transport: {
        targets: [
          targets.file({ destination: env.get('LOG_FILE') ?? (isCommand ? 2 : 1), mkdir: true }),
        ],
      },
    },
  },
})

export default loggerConfig

declare module '@adonisjs/core/types' {
  export interface LoggersList extends InferLoggers<typeof loggerConfig> {}
}
