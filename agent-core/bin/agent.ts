#!/usr/bin/env node
import { startLeanly } from '../src/lean.ts'

const args = process.argv.slice(2)
if (args.includes('run')) {
  startLeanly(import.meta.filename, args)
}
// only now: what is loaded before would be loaded twice
const { main } = await import('../src/cli/program.ts')
process.exitCode = await main(args)
