import { indexEntities } from '@adonisjs/core'
import { defineConfig } from '@adonisjs/core/app'

export default defineConfig({
  experimental: {},

  /*
  | The root is the application; `server/` stands where AdonisJS has `app/` and holds the rest beside
  | it. Configuration files are in `config/server`, because `config/sites` are the agent's.
  */
  directories: {
    config: 'config/server',
    commands: 'server/commands',
    contracts: 'server/contracts',
    database: 'server/database',
    events: 'server/events',
    exceptions: 'server/exceptions',
    factories: 'server/database/factories',
    httpControllers: 'server/controllers',
    languageFiles: 'server/resources/lang',
    listeners: 'server/listeners',
    mails: 'server/mails',
    middleware: 'server/middleware',
    migrations: 'server/database/migrations',
    models: 'server/models',
    policies: 'server/policies',
    providers: 'server/providers',
    public: 'server/public',
    seeders: 'server/database/seeders',
    services: 'server/services',
    start: 'server/start',
    tests: 'server/tests',
    validators: 'server/validators',
    views: 'server/resources/views',
  },

  commands: [
    () => import('@adonisjs/core/commands'),
    () => import('@adonisjs/lucid/commands'),
    () => import('@adonisjs/session/commands'),
    () => import('@adonisjs/queue/commands'),
  ],

  providers: [
    () => import('@adonisjs/core/providers/app_provider'),
    () => import('@adonisjs/core/providers/hash_provider'),
    {
      file: () => import('@adonisjs/core/providers/repl_provider'),
      environment: ['repl', 'test'],
    },
    () => import('@adonisjs/core/providers/vinejs_provider'),
    () => import('@adonisjs/core/providers/edge_provider'),
    () => import('@adonisjs/session/session_provider'),
    () => import('@adonisjs/vite/vite_provider'),
    () => import('@adonisjs/shield/shield_provider'),
    () => import('@adonisjs/static/static_provider'),
    () => import('@adonisjs/lucid/database_provider'),
    () => import('@adonisjs/redis/redis_provider'),
    () => import('@adonisjs/auth/auth_provider'),
    () => import('@adonisjs/limiter/limiter_provider'),
    () => import('@adonisjs/transmit/transmit_provider'),
    () => import('@adonisjs/queue/queue_provider'),
  ],

  preloads: [
    () => import('#start/routes'),
    () => import('#start/kernel'),
    () => import('#start/events'),
    () => import('#start/view'),
    { file: () => import('#start/rollups'), environment: ['web'] },
    { file: () => import('#start/reaper'), environment: ['web'] },
    { file: () => import('#start/jobs'), environment: ['web'] },
  ],

  tests: {
    suites: [
      { name: 'unit', files: ['server/tests/unit/**/*.spec.ts'], timeout: 10_000 },
      { name: 'functional', files: ['server/tests/functional/**/*.spec.ts'], timeout: 30_000 },
      {
        name: 'end_to_end',
        files: ['server/tests/end_to_end/**/*.spec.ts'],
        timeout: 120_000,
      },
      { name: 'browser', files: ['server/tests/browser/**/*.spec.ts'], timeout: 120_000 },
    ],
    forceExit: false,
  },

  metaFiles: [
    { pattern: 'server/resources/views/**/*.edge', reloadServer: false },
    { pattern: 'server/public/**', reloadServer: false },
    { pattern: 'agent-core/package.json', reloadServer: false },
    { pattern: 'agent-plugins/*/package.json', reloadServer: false },
    { pattern: '.npmrc', reloadServer: false },
  ],

  hooks: {
    init: [
      indexEntities({
        controllers: { enabled: true, source: 'server/controllers' },
        events: { enabled: true, source: 'server/events' },
        listeners: { enabled: true, source: 'server/listeners' },
        transformers: { enabled: false },
      }),
    ],
    buildStarting: [() => import('@adonisjs/vite/build_hook')],
  },
})
