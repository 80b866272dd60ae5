import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Shapes of secrets that nothing may have, each with what it is. */
const SHAPES: readonly (readonly [what: string, shape: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/],
  ['a key of a service account', /\\?"private_key\\?"\s*:\s*\\?"-/],
  ['a refresh token', /\b1\/\/0[\w-]{30,}/],
  ['a refresh token', /\\?"refresh_token\\?"\s*:\s*\\?"[^"\\]{20,}/],
  ['an access token of Google', /\bya29\.[\w-]{20,}/],
  ['a secret of an OAuth client', /\bGOCSPX-[\w-]{20,}/],
  ['a key of Google', /\bAIza[\w-]{35}/],
  ['a key of Amazon', /\bAKIA[0-9A-Z]{16}\b/],
  ['a token of GitHub', /\bgh[pousr]_\w{36}/],
  ['an application key', /^APP_KEY=\S+/m],
]

/** A secret that was found, and where. */
export type Leak = { readonly where: string; readonly what: string }

type Text = { readonly where: string; readonly text: string }

/** What looks like a secret in texts. */
export function leaksIn(texts: Iterable<Text>): Leak[] {
  const leaks: Leak[] = []
  for (const { where, text } of texts) {
    leaks.push(...SHAPES.filter(([, shape]) => shape.test(text)).map(([what]) => ({ where, what })))
  }
  return leaks
}

/** The files of a checkout that are in Git or would be added to it. */
export function* checkout(root: string): Generator<Text> {
  const listed = git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    const path = join(root, file)
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) {
      yield { where: file, text: readFileSync(path, 'latin1') }
    }
  }
}

/** Everything that any commit of any branch ever held, and what its commits say. */
export function* history(root: string): Generator<Text> {
  const lines = git(root, ['rev-list', '--objects', '--all']).toString().split('\n')
  const names = new Map(
    lines.filter(Boolean).map((line) => [line.slice(0, 40), line.slice(41)] as const)
  )
  const input = `${[...names.keys()].join('\n')}\n`
  const objects = git(root, ['cat-file', '--batch', '--buffer'], input)
  for (let at = 0; at < objects.length; ) {
    const end = objects.indexOf(10, at)
    const [id = '', type = '', size = '0'] = objects.toString('latin1', at, end).split(' ')
    const until = end + 1 + Number(size)
    if (type === 'blob' || type === 'commit') {
      const where = `${id.slice(0, 12)} ${names.get(id) || type}`
      yield { where, text: objects.toString('latin1', end + 1, until) }
    }
    at = until + 1
  }
}

/** The files of packages as `npm pack` makes them: of a folder, or of each workspace in it. */
export function* packed(root: string, options: readonly string[] = []): Generator<Text> {
  const made = mkdtempSync(join(tmpdir(), 'worksight-pack-'))
  try {
    const flags = ['--ignore-scripts', '--silent', '--pack-destination', made]
    execFileSync('npm', ['pack', ...flags, ...options], { cwd: root, stdio: 'ignore' })
    for (const name of readdirSync(made)) {
      yield* filesOfTar(name, gunzipSync(readFileSync(join(made, name))))
    }
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** The files of a folder, logs and databases among them. */
export function* folder(root: string): Generator<Text> {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) {
      yield { where: relative(root, path), text: readFileSync(path, 'latin1') }
    }
  }
}

/** The format of POSIX tar: blocks of 512 bytes, a header before each file. */
function* filesOfTar(archive: string, bytes: Buffer): Generator<Text> {
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const name = bytes.toString('latin1', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 136), 8)
    yield {
      where: `${archive}: ${name}`,
      text: bytes.toString('latin1', at + 512, at + 512 + size),
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
}

function git(cwd: string, args: readonly string[], input = ''): Buffer {
  return execFileSync('git', [...args], { cwd, input, maxBuffer: 1024 ** 3 })
}
