import { configApp } from '@adonisjs/eslint-config'

export default configApp({
  ignores: ['build/**', 'server/public/**', '.adonisjs/**', 'tmp/**', 'storage/**'],
})
