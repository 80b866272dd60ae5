import { Activity } from '@worksight/activity'
import { defineSite } from '@worksight/agent-core'
import { DriveUpload } from '@worksight/drive-upload'
import { Heartbeat } from '@worksight/heartbeat'
import { Recording } from '@worksight/recording'
import { Screenshot } from '@worksight/screenshot'

/**
 * A site whose pictures and recordings go straight from each computer to the Google Drive of whoever
 * runs WorkSight. Choose Google Drive for it under Settings → Storage; no computer needs a credential.
 */
export default defineSite({
  name: 'drive',

  plugins: [
    new Heartbeat({ intervalSeconds: 30 }),
    new Activity({ afkSeconds: 180, titles: false }),
    new Screenshot({ intervalSeconds: 300, source: 'auto' }),
    new Recording({ enabled: false, frameRate: 2, everyMinutes: 30, forMinutes: 5 }),

    new DriveUpload({
      /** KiB of one request to Google at the most; a line that breaks costs one of them at the most. */
      chunkKib: 8192,
    }),
  ],
})
