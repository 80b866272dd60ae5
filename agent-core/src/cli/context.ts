import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Site } from '../define_site.ts'
import { nodeDisk } from '../disk.ts'
import { AgentError } from '../errors.ts'
import { IdentityStore } from '../identity.ts'
import { EMPTY_ENTRY, readLedger, type LedgerEntry } from '../ledger.ts'
import { dataFolder } from '../machine.ts'
import { spoolPaths } from '../spool_files.ts'
import { scanSpool, type SpoolScan } from '../spool_scan.ts'
import { loadSite } from './load_site.ts'
import { Output, type GlobalFlags } from './output.ts'

/** What every command works with. */
export class Context {
  readonly flags: GlobalFlags
  readonly out: Output
  readonly dataDir: string
  readonly identities: IdentityStore

  constructor(flags: GlobalFlags) {
    this.flags = flags
    this.out = new Output(flags)
    this.dataDir = resolve(flags.dataDir ?? dataFolder())
    this.identities = new IdentityStore(this.dataDir)
  }

  get spoolDir(): string {
    return join(this.dataDir, 'spool')
  }

  get logDir(): string {
    return join(this.dataDir, 'logs')
  }

  /** Whether a person sits there who can be asked. */
  get isInteractive(): boolean {
    return process.stdin.isTTY === true && process.stderr.isTTY === true && this.flags.json !== true
  }

  /** Whether a person can see on a terminal what the agent says. */
  get isWatched(): boolean {
    const { isTTY, writable } = process.stderr
    return isTTY === true && writable && this.flags.quiet !== true
  }

  site(): Promise<Site> {
    return loadSite(this.flags.site ?? process.env.WORKSIGHT_SITE ?? 'default', this.flags.config)
  }

  makeDataDir(): void {
    mkdirSync(this.logDir, { recursive: true, mode: 0o700 })
  }

  /** What lies in the spool, without changing anything in it. */
  async readSpool(): Promise<{ readonly ledger: LedgerEntry; readonly scan: SpoolScan }> {
    const paths = spoolPaths(this.spoolDir)
    const { entry } = await readLedger(paths.root, nodeDisk)
    return { ledger: entry, scan: await scanSpool(nodeDisk, paths, entry ?? EMPTY_ENTRY) }
  }

  /** Asks on the terminal; throws E_MISSING_ANSWER, naming the flag, where there is none. */
  async ask(question: string, flag: string): Promise<string> {
    if (!this.isInteractive) {
      throw new AgentError(
        'E_MISSING_ANSWER',
        `Expected ${flag}, found no such flag and no terminal to ask on`
      )
    }
    const terminal = createInterface({ input: process.stdin, output: process.stderr })
    try {
      return (await terminal.question(`${question} `)).trim()
    } finally {
      terminal.close()
    }
  }

  /** Asks for a yes; `--yes` is one. */
  async confirm(question: string): Promise<boolean> {
    return this.flags.yes === true || /^y(es)?$/i.test(await this.ask(`${question} [y/N]`, '--yes'))
  }
}
