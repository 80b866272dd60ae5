import type { ByteRange } from '#services/storage/disk'

/**
 * What a `Range` header asks of a file of `bytes`: a range, `whole` where there is none or one that this
 * server does not serve by parts (several at once), `beyond` where it begins after the end. RFC 9110, 14.
 */
export function readRange(header: string | null, bytes: number): ByteRange | 'whole' | 'beyond' {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? []
  if ((first ?? '') === '' && (last ?? '') === '') {
    return 'whole'
  }
  if (first === '') {
    const length = Math.min(Number(last), bytes)
    return length === 0 ? 'beyond' : { start: bytes - length, end: bytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (end < start) {
    return start >= bytes ? 'beyond' : 'whole'
  }
  return { start, end }
}
