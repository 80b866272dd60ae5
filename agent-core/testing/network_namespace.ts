import { execFileSync } from 'node:child_process'

/** Numbers the namespaces of this process, so that two specs at once have two networks. */
let made = 0

/**
 * A machine of its own as far as its network goes, joined to this one by one cable that can be
 * pulled, lossy or slow. Linux, and the right to make namespaces.
 */
export class NetworkNamespace {
  readonly name: string
  /** This machine's address at its end of the cable. */
  readonly address: string
  readonly #cable: string

  private constructor(name: string, cable: string, subnet: string) {
    this.name = name
    this.#cable = cable
    this.address = `${subnet}.1`
  }

  /** Why there can be none on this machine, as a sentence, or null. */
  static impossible(): string | null {
    try {
      NetworkNamespace.make().remove()
      return null
    } catch (error) {
      return (
        String((error as { stderr?: Buffer }).stderr ?? error)
          .trim()
          .split('\n')[0] ?? ''
      )
    }
  }

  static make(): NetworkNamespace {
    made += 1
    const number = (process.pid * 8 + made) % 60_000
    const name = `worksight-${process.pid}-${made}`
    const cable = `ws${process.pid % 100_000}x${made}`
    const subnet = `10.213.${number % 250}`
    const namespace = new NetworkNamespace(name, cable, subnet)
    try {
      ip('netns', 'add', name)
      ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', name)
      ip('addr', 'add', `${subnet}.1/24`, 'dev', cable)
      ip('link', 'set', cable, 'up')
      ip('-n', name, 'addr', 'add', `${subnet}.2/24`, 'dev', 'uplink')
      ip('-n', name, 'link', 'set', 'uplink', 'up')
      ip('-n', name, 'link', 'set', 'lo', 'up')
      return namespace
    } catch (error) {
      namespace.remove()
      throw error
    }
  }

  /** The command line that runs something in there. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name]
  }

  /** Pulls the cable, or puts it in again. */
  plug(isIn: boolean): void {
    ip('link', 'set', this.#cable, isIn ? 'up' : 'down')
  }

  /** Drops this share of all packets, in both directions. */
  lose(percent: number): void {
    const rule = `numgen random mod 100 < ${percent} counter drop`
    execFileSync('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      input: `table inet loss {
        chain received { type filter hook input priority 0; iifname "uplink" ${rule}; }
        chain sent { type filter hook output priority 0; oifname "uplink" ${rule}; }
      }`,
    })
  }

  /** Packets that were dropped. */
  lost(): number {
    const said = execFileSync(
      'ip',
      ['netns', 'exec', this.name, 'nft', 'list', 'table', 'inet', 'loss'],
      { encoding: 'utf8' }
    )
    return [...said.matchAll(/packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  /** Lets at most so many bits a second out of it. */
  slow(kilobits: number): void {
    const shape = ['rate', `${kilobits}kbit`, 'burst', '4kb', 'latency', '400ms']
    execFileSync('tc', ['-n', this.name, 'qdisc', 'add', 'dev', 'uplink', 'root', 'tbf', ...shape])
  }

  remove(): void {
    for (const args of [
      ['link', 'del', this.#cable],
      ['netns', 'del', this.name],
    ]) {
      try {
        ip(...args)
      } catch {
        continue // it never got so far
      }
    }
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
