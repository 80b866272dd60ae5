import {
  DiskError,
  type ByteRange,
  type CheckStep,
  type ListedFile,
  type Placement,
  type StorageDisk,
  type StoredFacts,
} from '#services/storage/disk'
import { mediaKey } from '#services/storage/media_key'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { S3Driver } from 'flydrive/drivers/s3'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'

export type S3Settings = {
  readonly bucket: string
  readonly region: string
  /** Address of a server that speaks S3; null for that of Amazon. */
  readonly endpoint: string | null
  /** The bucket in the path and not in the name of the host: MinIO, Garage and others want that. */
  readonly forcePathStyle: boolean
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Everything of this server stands under here, so that a bucket can be shared. */
const PREFIX = 'worksight/'

/** Codes of a refusal that no waiting changes. */
const REFUSALS = [400, 401, 403]

/** A bucket of Amazon S3, or of what speaks its language. */
export class S3Disk implements StorageDisk {
  readonly name = 's3'
  readonly #settings: S3Settings
  readonly #client: S3Client
  readonly #driver: S3Driver

  constructor(settings: S3Settings) {
    const { accessKeyId, secretAccessKey, bucket, endpoint, ...rest } = settings
    this.#settings = settings
    this.#client = new S3Client({
      ...rest,
      ...(endpoint ? { endpoint } : {}),
      credentials: { accessKeyId, secretAccessKey },
      // The SHA-256 that is known goes with the file; others need not be computed.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
    this.#driver = new S3Driver({
      client: this.#client,
      bucket,
      visibility: 'private',
      supportsACL: false,
    })
  }

  async put(path: string, placement: Placement): Promise<string> {
    const key = mediaKey(placement)
    await this.#ask(() =>
      this.#driver.putStream(`${PREFIX}${key}`, createReadStream(path), {
        contentType: placement.mediaType,
        contentLength: placement.bytes,
        ChecksumSHA256: Buffer.from(placement.sha256, 'hex').toString('base64'),
      })
    )
    return key
  }

  async facts(key: string): Promise<StoredFacts | null> {
    const hash = createHash('sha256')
    let bytes = 0
    try {
      for await (const chunk of await this.read(key)) {
        hash.update(chunk as Buffer)
        bytes += (chunk as Buffer).length
      }
    } catch (error) {
      if (error instanceof DiskError && error.code === 'E_DISK_MISSING') {
        return null
      }
      throw error
    }
    return { bytes, sha256: hash.digest('hex') }
  }

  async exists(key: string): Promise<boolean> {
    return this.#ask(() => this.#driver.exists(`${PREFIX}${key}`))
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const { Body: body } = await this.#ask(() =>
      this.#client.send(
        new GetObjectCommand({
          Bucket: this.#settings.bucket,
          Key: `${PREFIX}${key}`,
          ...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}),
        })
      )
    )
    return body as Readable
  }

  async remove(key: string): Promise<void> {
    await this.#ask(() => this.#driver.delete(`${PREFIX}${key}`))
  }

  async *list(): AsyncGenerator<ListedFile> {
    let token: string | undefined
    do {
      const page = await this.#ask(() =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#settings.bucket,
            Prefix: PREFIX,
            ContinuationToken: token,
          })
        )
      )
      for (const { Key: key = '', Size: bytes = 0, LastModified: at } of page.Contents ?? []) {
        yield { key: key.slice(PREFIX.length), bytes, writtenAt: at?.getTime() ?? 0 }
      }
      token = page.NextContinuationToken
    } while (token)
  }

  async *check(): AsyncGenerator<CheckStep> {
    const { bucket, endpoint } = this.#settings
    const step = 'write and delete one byte'
    const key = `${PREFIX}check/${randomUUID()}`
    try {
      await this.#ask(() => this.#driver.put(key, 'x'))
      await this.#ask(() => this.#driver.delete(key))
      yield { step, isOk: true, sentence: `The bucket "${bucket}" can be written.` }
    } catch (error) {
      const sentence =
        error instanceof DiskError && error.code === 'E_DISK_AWAY'
          ? `${endpoint ?? 'Amazon S3'} cannot be reached: check S3_ENDPOINT, S3_REGION and the network.`
          : `The bucket "${bucket}" refuses this server (${nameOf(error)}): check S3_BUCKET and S3_ACCESS_KEY_ID; the key needs s3:PutObject, GetObject, DeleteObject and ListBucket.`
      yield { step, isOk: false, sentence }
    }
  }

  async #ask<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request()
    } catch (error) {
      throw this.#named(error)
    }
  }

  #named(cause: unknown): unknown {
    const { name, $metadata } = cause as { name?: string; $metadata?: { httpStatusCode?: number } }
    const status = $metadata?.httpStatusCode
    if (name === 'NoSuchKey' || name === 'NotFound') {
      return new DiskError('E_DISK_MISSING', this.name, { cause })
    }
    if (status === 507 || name === 'QuotaExceeded' || name === 'XMinioStorageFull') {
      return new DiskError('E_DISK_FULL', this.name, { cause })
    }
    if (name === 'NoSuchBucket' || (status && REFUSALS.includes(status))) {
      return new DiskError('E_DISK_REFUSED', this.name, { cause })
    }
    return new DiskError('E_DISK_AWAY', this.name, { cause })
  }
}

function nameOf(error: unknown): string {
  const { cause } = error as { cause?: { name?: string } }
  return cause?.name ?? 'unknown'
}
