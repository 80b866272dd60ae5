import { DriveDisk } from '#services/drive/drive_disk'
import { MediaLibrary } from '#services/media_library'
import { LocalDisk } from '#services/storage/local_disk'
import { S3Disk } from '#services/storage/s3_disk'
import { startS3Server } from '#services/testing/s3_server'
import { driveWorld } from '#tests/support/drive'
import { storageConformance } from '#tests/support/storage_conformance'
import { test } from '@japa/runner'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

storageConformance('local', async () => {
  const root = await mkdtemp(join(tmpdir(), 'worksight-library-'))
  return {
    disk: new LocalDisk(new MediaLibrary(root)),
    stop: () => rm(root, { recursive: true, force: true }),
  }
})

storageConformance('s3', async () => {
  const server = await startS3Server()
  return { disk: new S3Disk(server.settings), stop: () => server.stop() }
})

storageConformance('google-drive', async () => {
  const world = await driveWorld()
  return { disk: new DriveDisk(world.client), stop: () => world.stop() }
})

test.group('S3 | what is wrong', () => {
  for (const [what, changes, sentence] of [
    ['a bucket that is not there', { bucket: 'nobody' }, /NoSuchBucket.*S3_BUCKET/],
    ['a wrong key', { accessKeyId: 'nobody' }, /InvalidAccessKeyId.*S3_ACCESS_KEY_ID/],
    ['nobody who answers', { endpoint: 'http://127.0.0.1:9' }, /S3_ENDPOINT/],
  ] as const) {
    test(`${what} is said with what to do`, async ({ assert, cleanup }) => {
      const server = await startS3Server()
      cleanup(() => server.stop())

      const steps = await Array.fromAsync(new S3Disk({ ...server.settings, ...changes }).check())

      assert.isFalse(steps.at(-1)?.isOk)
      assert.match(steps.at(-1)?.sentence ?? '', sentence)
    })
  }
})
