import { authApiClient } from '@adonisjs/auth/plugins/api_client'
import app from '@adonisjs/core/services/app'
import testUtils from '@adonisjs/core/services/test_utils'
import { sessionApiClient } from '@adonisjs/session/plugins/api_client'
import { shieldApiClient } from '@adonisjs/shield/plugins/api_client'
import { requireDocumented } from '#tests/support/documented'
import { apiClient, ApiClient } from '@japa/api-client'
import { assert } from '@japa/assert'
import { pluginAdonisJS } from '@japa/plugin-adonisjs'
import type { Config } from '@japa/runner/types'
import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'

const FOLDER = app.makePath(`tmp/test-${process.pid}`)

export const plugins: Config['plugins'] = [
  assert(),
  apiClient(),
  pluginAdonisJS(app),
  sessionApiClient(app),
  authApiClient(app),
  shieldApiClient(),
]

export const runnerHooks: Required<Pick<Config, 'setup' | 'teardown'>> = {
  setup: [
    async () => {
      await mkdir(FOLDER, { recursive: true })
    },
    () => testUtils.db().migrate(),
  ],
  teardown: [() => rm(FOLDER, { recursive: true, force: true })],
}

export const configureSuite: Config['configureSuite'] = (suite) => {
  if (suite.name === 'browser') {
    suite.teardown(async () => {
      const { endShared } = await import('#tests/support/browsing')
      await endShared()
    })
  }
  if (suite.name === 'functional') {
    ApiClient.teardown((response) => {
      const { method, url } = response.request.request as unknown as { method: string; url: string }
      requireDocumented(method, url, response)
    })
    suite.setup(async () => {
      const { ingestDoor } = await import('#services/ingest_door')
      return testUtils.httpServer().start((framework) => createServer(ingestDoor(framework)))
    })
  }
}
