import { media } from '#services/media'
import { DiskError, type DiskName, type StorageDisk } from '#services/storage/disk'
import { LocalDisk } from '#services/storage/local_disk'
import type { DriveDisk } from '#services/drive/drive_disk'
import { s3Settings } from '#services/storage/settings'

const local = new LocalDisk(media)
const made = new Map<DiskName, { readonly settings: string; readonly disk: StorageDisk }>()

/**
 * The disk of a name, made at its first use: the libraries of a disk that no site uses are never
 * loaded. Throws E_DISK_REFUSED when it is not set up.
 */
export async function diskOf(name: DiskName): Promise<StorageDisk> {
  switch (name) {
    case 'local':
      return local
    case 's3':
      return s3()
    case 'google-drive':
      return googleDrive()
  }
}

async function s3(): Promise<StorageDisk> {
  const settings = s3Settings()
  if (!settings) {
    throw new DiskError('E_DISK_REFUSED', 's3', {
      message: 'S3 is not set up: S3_BUCKET names no bucket',
    })
  }
  const { S3Disk } = await import('#services/storage/s3_disk')
  return keep('s3', settings, () => new S3Disk(settings))
}

/** Google Drive, for those who need more of it than a disk has. */
export async function googleDrive(): Promise<DriveDisk> {
  const { driveSettings } = await import('#services/drive/drive_settings')
  const settings = await driveSettings()
  const [{ DriveDisk }, { DriveClient }] = await Promise.all([
    import('#services/drive/drive_disk'),
    import('#services/drive/drive_client'),
  ])
  return keep('google-drive', settings, () => new DriveDisk(new DriveClient(settings)))
}

/** One disk as long as its settings stay what they are: it holds connections and tokens. */
function keep<Disk extends StorageDisk>(name: DiskName, settings: object, make: () => Disk): Disk {
  const text = JSON.stringify(settings)
  const known = made.get(name)
  if (known?.settings === text) {
    return known.disk as Disk
  }
  const disk = make()
  made.set(name, { settings: text, disk })
  return disk
}
