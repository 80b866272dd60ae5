import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Site } from '../define_site.ts'
import { nodeDisk } from '../disk.ts'
import { AgentError } from '../errors.ts'
import { IdentityStore } from '../identity.ts'
import { PolicyKeeper, type PolicyState } from '../policy_keeper.ts'
import { EMPTY_ENTRY, readLedger, type LedgerEntry } from '../ledger.ts'
import { dataFolder } from '../machine.ts'
import { spoolPaths } from '../spool_files.ts'
import { scanSpool, type SpoolScan } from '../spool_scan.ts'
import { applySettings, readSettings } from '../settings.ts'
import { loadSite, siteFile } from './load_site.ts'
import { Output, type GlobalFlags } from './output.ts'

/** What every command works with. */
export class Context {
  readonly flags: GlobalFlags
  readonly out: Output
  readonly dataDir: string
  readonly identities: IdentityStore
  /** Variables that were set from the settings of this machine, not by the environment. */
  readonly variablesOfFile = new Set<string>()

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

  /** The site, with what was set on this machine over it and the environment over both. */
  site(): Promise<Site> {
    applySettings(readSettings(this.dataDir)).forEach((name) => this.variablesOfFile.add(name))
    return loadSite(this.#siteName, this.flags.config)
  }

  /** Path of the site file. Throws E_SITE_NOT_FOUND. */
  get sitePath(): string {
    return siteFile(this.#siteName, this.flags.config)
  }

  get #siteName(): string {
    return this.flags.site ?? process.env.WORKSIGHT_SITE ?? 'default'
  }

  /** The policy of this agent as it is kept on disk, and the notice of it. Changes nothing. */
  policyOf(site: Site): PolicyState {
    const keeper = new PolicyKeeper(site, this.dataDir)
    keeper.open(this.identities.identity())
    return keeper.state(this.identities.acknowledgement())
  }

  /** Trusts the authority that was given at the enrolment; what that takes is loaded only then. */
  async trustAuthority(): Promise<void> {
    if (existsSync(join(this.dataDir, 'authority.json'))) {
      const { trustKeptAuthority } = await import('../authority.ts')
      trustKeptAuthority(this.dataDir)
    }
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
