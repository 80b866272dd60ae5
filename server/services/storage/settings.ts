import env from '#start/env'
import { isDiskName, type DiskName } from '#services/storage/disk'
import type { S3Settings } from '#services/storage/s3_disk'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

const SITES = 'storage_sites'

/** The disk of each site that chose one; the others take STORAGE_DISK, by default `local`. */
export async function chosenDisks(): Promise<Readonly<Record<string, DiskName>>> {
  return (await readSetting<Record<string, DiskName>>(SITES)) ?? {}
}

export async function setChosenDisks(
  trx: TransactionClientContract,
  disks: Readonly<Record<string, DiskName>>
) {
  await writeSetting(SITES, disks, trx)
}

/** The disk that the media of a site go to. */
export async function diskOfSite(site: string): Promise<DiskName> {
  const chosen = await chosenDisks()
  return Object.hasOwn(chosen, site) ? (chosen[site] ?? defaultDisk()) : defaultDisk()
}

/** Sites that computers are enrolled in, or that chose a disk; `default` is always one. */
export async function knownSites(): Promise<readonly string[]> {
  const rows: { site: string }[] = await db.from('agents').distinct('site')
  const names = ['default', ...rows.map(({ site }) => site), ...Object.keys(await chosenDisks())]
  return [...new Set(names)].sort()
}

/** The disks that sites send their media to now. */
export async function usedDisks(): Promise<readonly DiskName[]> {
  const chosen = await Promise.all((await knownSites()).map((site) => diskOfSite(site)))
  return [...new Set(chosen)]
}

/** The disks that rows name. */
export async function disksWithFiles(): Promise<readonly DiskName[]> {
  const rows: { disk: string }[] = (
    await Promise.all(['screenshots', 'recordings'].map((name) => db.from(name).distinct('disk')))
  ).flat()
  return [...new Set(['local', ...rows.map(({ disk }) => disk)])].filter(isDiskName)
}

export function defaultDisk(): DiskName {
  const name = env.get('STORAGE_DISK', 'local')
  return isDiskName(name) ? name : 'local'
}

/** What the S3_* variables say, or null where there is no bucket. */
export function s3Settings(): S3Settings | null {
  const bucket = env.get('S3_BUCKET')
  if (!bucket) {
    return null
  }
  return {
    bucket,
    region: env.get('S3_REGION', 'us-east-1'),
    endpoint: env.get('S3_ENDPOINT') ?? null,
    forcePathStyle: env.get('S3_FORCE_PATH_STYLE', false),
    accessKeyId: env.get('S3_ACCESS_KEY_ID', ''),
    secretAccessKey: env.get('S3_SECRET_ACCESS_KEY')?.release() ?? '',
  }
}

/** A setting of the organisation, as JSON; null where there is none. */
export async function readSetting<Value>(
  key: string,
  client: Pick<TransactionClientContract, 'from'> = db.connection()
): Promise<Value | null> {
  const row = await client.from('settings').where('key', key).select('value').first()
  return row ? (JSON.parse(row.value) as Value) : null
}

export async function writeSetting(
  key: string,
  value: unknown,
  client: Pick<TransactionClientContract, 'knexQuery'> = db.connection()
) {
  const setting = { value: JSON.stringify(value), updated_at: Date.now() }
  await client.knexQuery().insert({ key, ...setting }).into('settings').onConflict('key').merge(setting)
}
