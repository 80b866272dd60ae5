import { configApp } from '@adonisjs/eslint-config'

export default configApp(
  {
    ignores: ['build/**', 'server/public/**', '.adonisjs/**', 'tmp/**', 'storage/**'],
  },
  {
    rules: {
      // `(await query).length` says what it does; a name for the middle step adds nothing.
      '@unicorn/no-await-expression-member': 'off',
    },
  },
  {
    // Errors are named by their code, as AdonisJS names its own.
    files: ['server/exceptions/api_errors.ts'],
    rules: { '@typescript-eslint/naming-convention': 'off' },
  }
)
