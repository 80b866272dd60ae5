import { styleText } from 'node:util'

export type GlobalFlags = {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
  readonly yes?: boolean
  readonly dataDir?: string
  readonly site?: string
  readonly config?: string
}

/** Where a command writes: data on stdout, messages on stderr. */
export class Output {
  readonly #flags: GlobalFlags
  readonly #stdout: NodeJS.WritableStream
  readonly #stderr: NodeJS.WritableStream

  constructor(
    flags: GlobalFlags,
    stdout: NodeJS.WritableStream = process.stdout,
    stderr: NodeJS.WritableStream = process.stderr
  ) {
    this.#flags = flags
    this.#stdout = stdout
    this.#stderr = stderr
  }

  /** The answer of a command: for a person, or with `--json` as one document. */
  data(text: string, value: unknown): void {
    this.#stdout.write(this.#flags.json ? `${JSON.stringify(value)}\n` : `${text.trimEnd()}\n`)
  }

  /** An empty screen for the next answer, where there is one to clear. */
  clear(): void {
    if (this.#flags.json !== true && 'isTTY' in this.#stdout && this.#stdout.isTTY === true) {
      this.#stdout.write('\u001B[2J\u001B[H')
    }
  }

  /** Something worth knowing; silent with `--quiet`. */
  say(message: string): void {
    if (!this.#flags.quiet) {
      this.#stderr.write(`${message}\n`)
    }
  }

  /** Something that went wrong; never silent. */
  complain(message: string): void {
    this.#stderr.write(`${this.paint('red', message)}\n`)
  }

  paint(style: Parameters<typeof styleText>[0], text: string): string {
    const isPlain = this.#flags.color === false || this.#flags.json === true
    return isPlain ? text : styleText(style, text, { stream: this.#stdout })
  }
}

/** Rows as aligned columns. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length))
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}

/** A length of time as a person says it. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) {
    return `${seconds} s`
  }
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

export function size(bytes: number): string {
  return bytes < 1_000_000
    ? `${Math.ceil(bytes / 1000)} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`
}
