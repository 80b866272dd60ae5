import { defineConfig } from '@adonisjs/static'

const staticServerConfig = defineConfig({
  enabled: true,
  etag: true,
  lastModified: true,
  dotFiles: 'ignore',

  /** Files of the build carry their hash in the name. */
  maxAge: '365 days',
  immutable: true,
})

export default staticServerConfig
