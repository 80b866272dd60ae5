import { resolve } from 'node:path'
import { assert } from '@japa/assert'
import { configure, processCLIArgs, run } from '@japa/runner'

processCLIArgs(process.argv.slice(2))

configure({
  cwd: resolve(import.meta.dirname, '..'),
  files: ['tests/**/*.spec.ts', '../agent-plugins/**/*.spec.ts'],
  plugins: [assert()],
  timeout: 60_000,
  forceExit: false,
})

await run()
