import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'
import type { ConfigProvider } from '@adonisjs/core/types'
import { Worker } from '@adonisjs/queue'
import type { QueueManagerConfig } from '@adonisjs/queue/types'

type Adapters = QueueManagerConfig['adapters']

/** A worker of this process, with the queue of the settings; it does nothing before it is started. */
export async function makeWorker(): Promise<Worker> {
  const config = app.config.get<QueueManagerConfig>('queue')
  return new Worker({
    ...config,
    autoLoadJobs: false,
    adapters: await resolved(config.adapters),
    logger,
    worker: { ...config.worker, gracefulShutdown: false },
  })
}

/** The adapters of the settings, with their connections: those are made when the server is ready. */
async function resolved(adapters: Adapters): Promise<Adapters> {
  const made = Object.entries(adapters).map(async ([name, adapter]) => [
    name,
    typeof adapter === 'function'
      ? adapter
      : await (adapter as ConfigProvider<Adapters[string]>).resolver(app),
  ])
  return Object.fromEntries(await Promise.all(made))
}
