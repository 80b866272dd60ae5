import { StartFailure } from '#services/first_run/failure'
import { runToEnd } from '#services/first_run/processes'
import { EXIT } from '#services/exit'
import { createHash } from 'node:crypto'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** What the built front end is made of. */
const SOURCES = ['server/resources', 'vite.config.ts', 'package-lock.json']
const ASSETS = 'server/public/assets'

/** Builds the front end unless its sources are those of the last build; gives the weights, gzipped. */
export async function buildFrontEnd(
  root: string
): Promise<{ built: boolean; css: number; js: number }> {
  const stamp = join(root, ASSETS, '.built-from')
  const sources = await hashOf(root)
  const last = await readFile(stamp, 'utf8').catch(() => '')
  if (last !== sources) {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const result = await runToEnd([process.execPath, vite, 'build', '--logLevel', 'warn'], {
      cwd: root,
      env: { NODE_ENV: 'production' },
    })
    if (result.code !== 0) {
      const lines = result.stderr.trim().split('\n').slice(-8)
      throw new StartFailure('The dashboard could not be built', EXIT.unexpected, lines)
    }
    await writeFile(stamp, sources)
  }
  return { built: last !== sources, ...(await weights(root)) }
}

async function hashOf(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    for (const file of await filesUnder(join(root, source))) {
      hash.update(file.slice(root.length)).update(await readFile(file))
    }
  }
  return hash.digest('hex')
}

async function filesUnder(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) {
    return [path]
  }
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Kilobytes of the style sheet and of the entry script, as a browser loads them. */
async function weights(root: string) {
  const manifestFile = join(root, ASSETS, '.vite/manifest.json')
  const manifest: Record<string, { file: string; isEntry?: boolean; css?: string[] }> = JSON.parse(
    await readFile(manifestFile, 'utf8')
  )
  const entries = Object.values(manifest).filter((chunk) => chunk.isEntry)
  const files = entries.flatMap((chunk) => [chunk.file, ...(chunk.css ?? [])])
  const size = async (ending: string) => {
    const names = files.filter((file) => file.endsWith(ending))
    const bodies = await Promise.all(names.map((name) => readFile(join(root, ASSETS, name))))
    return Math.round(gzipSync(Buffer.concat(bodies)).length / 1024)
  }
  return { css: await size('.css'), js: await size('.js') }
}
