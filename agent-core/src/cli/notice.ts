import { isAcknowledged, noticeOf } from '../notice.ts'
import type { Context } from './context.ts'

/** `notice`: the text that a person acknowledges, and its hash. */
export async function showNotice(context: Context): Promise<number> {
  const notice = noticeOf(await context.site())
  const acknowledged = isAcknowledged(notice, context.identities.acknowledgement())
  const { version, language, text, sha256 } = notice
  context.out.data(
    `${text}\nHash: ${sha256}\n${acknowledged ? 'Acknowledged on this machine.' : 'Not acknowledged on this machine.'}`,
    {
      version,
      language,
      sha256,
      acknowledged,
      text,
    }
  )
  return 0
}
