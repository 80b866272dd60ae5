import { documentsOf } from '#services/compliance/documents'
import type { ComplianceFacts } from '#services/compliance/facts'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The facts a pack was made from, beside its documents. */
const FACTS = 'facts.json'

/** Writes a pack into a folder, and gives the files it has. Notices of an older pack go. */
export async function writePack(folder: string, facts: ComplianceFacts): Promise<string[]> {
  await rm(join(folder, 'notices'), { recursive: true, force: true })
  const files = {
    ...documentsOf(facts),
    [FACTS]: `${JSON.stringify(facts, null, 2)}\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  return Object.keys(files)
}

/** What of the configuration is no longer as a pack says, as paths; null where there is no pack. */
export async function drift(folder: string, facts: ComplianceFacts): Promise<string[] | null> {
  const text = await readFile(join(folder, FACTS), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return null
    }
    throw error
  })
  // What JSON cannot say is no difference.
  return text === null ? null : differences(JSON.parse(text), JSON.parse(JSON.stringify(facts)))
}

/** Paths at which two values differ. */
export function differences(before: unknown, now: unknown, path = ''): string[] {
  if (Object.is(before, now)) {
    return []
  }
  if (!isObject(before) || !isObject(now)) {
    return [path]
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
  return keys.flatMap((key) =>
    differences(before[key], now[key], path === '' ? key : `${path}/${key}`)
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
