import { defineConfig } from '@adonisjs/core/bodyparser'

const bodyParserConfig = defineConfig({
  allowedMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],

  form: {
    convertEmptyStringsToNull: true,
    trimWhitespaces: true,
    limit: '64kb',
    types: ['application/x-www-form-urlencoded'],
  },

  /** What is sent is what is checked: nothing is trimmed or turned into null on the way. */
  json: {
    convertEmptyStringsToNull: false,
    trimWhitespaces: false,
    limit: '512kb',
    types: ['application/json'],
  },

  raw: { types: [] },

  /** Files stream through the route's own door (services/upload.ts), never through memory. */
  multipart: {
    autoProcess: false,
    convertEmptyStringsToNull: false,
    trimWhitespaces: false,
    limit: '20mb',
    fieldsLimit: '64kb',
    types: ['multipart/form-data'],
  },
})

export default bodyParserConfig
