import { box, VIDEO } from '#tests/support/videos'
import { createHash } from 'node:crypto'
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import sharp from 'sharp'

/** A file that is sent with a description that is true of its bytes, and what it is answered. */
export type FileSample = {
  readonly what: string
  readonly status: number
  readonly bytes: Buffer
  /** What the description claims, where it is not the bytes' own. */
  readonly claims?: Readonly<Record<string, unknown>>
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(content.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A PNG of `width` × `height` grey pixels, all black: its file is a thousandth of its pixels. */
export function blackPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([1, 0, 0, 0, 0], 8)
  const pixels = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height), { level: 9 })
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><script>alert(1)</script></svg>'
const HTML = '<!doctype html><script>alert(1)</script>'

/** Files that are no picture that was described. */
export async function pictureFiles(): Promise<FileSample[]> {
  const plain = sharp({ create: { width: 64, height: 48, channels: 3, background: '#3366cc' } })
  const [webp, png, jpeg, gif, tiff] = [
    await plain.clone().webp().toBuffer(),
    await plain.clone().png().toBuffer(),
    await plain.clone().jpeg().toBuffer(),
    await plain.clone().gif().toBuffer(),
    await plain.clone().tiff().toBuffer(),
  ]
  const sample = (what: string, bytes: Buffer | string, claims = {}): FileSample => ({
    what,
    status: 422,
    bytes: Buffer.from(bytes as string),
    claims,
  })
  return [
    sample('nothing', '', { bytes: 1 }),
    sample('one byte', 'x'),
    sample('text', 'hello'),
    sample('SVG with a script', SVG),
    sample(
      'SVG that includes a file',
      `<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>`
    ),
    sample('HTML', HTML),
    sample('PDF', '%PDF-1.7\n1 0 obj<<>>endobj'),
    sample('an ELF program', Buffer.from('\x7fELF\x02\x01\x01', 'latin1')),
    sample('a Windows program', 'MZ\x90\0'),
    sample('a ZIP', Buffer.from('PK\x03\x04', 'latin1')),
    sample('gzip', gzipSync('picture')),
    sample('a script', '#!/bin/sh\nid'),
    sample('GIF', gif),
    sample('TIFF', tiff),
    sample('a video', VIDEO),
    sample('the first 8 bytes of a PNG', png.subarray(0, 8), { media_type: 'image/png' }),
    sample('a PNG without its end', png.subarray(0, -12), { media_type: 'image/png' }),
    sample('a JPEG without its end', jpeg.subarray(0, -2), { media_type: 'image/jpeg' }),
    sample('a WebP without its end', webp.subarray(0, -4)),
    sample('a WebP with HTML behind it', Buffer.concat([webp, Buffer.from(HTML)])),
    sample('a WebP head with zeros', Buffer.concat([webp.subarray(0, 16), Buffer.alloc(4000)])),
    sample('a PNG that is called WebP', png),
    sample('a JPEG that is called PNG', jpeg, { media_type: 'image/png' }),
    sample('a picture of another width', webp, { width: 63 }),
    sample('a picture of another hash', webp, { sha256: 'f'.repeat(64) }),
    sample('a picture of fewer bytes', webp, { bytes: webp.length + 1 }),
    sample('256 megapixels in 32 KB', blackPng(16_000, 16_000), {
      media_type: 'image/png',
      width: 16_000,
      height: 16_000,
    }),
    sample('41 megapixels', blackPng(8200, 5000), {
      media_type: 'image/png',
      width: 8200,
      height: 5000,
    }),
    sample('a side of 16 384 pixels', blackPng(16_384, 8), {
      media_type: 'image/png',
      width: 16_383,
      height: 8,
    }),
    sample('random bytes', createHash('sha512').update('random').digest()),
    {
      what: '16 MB and a byte',
      status: 413,
      bytes: Buffer.alloc(16 * 1024 * 1024 + 1),
      claims: { bytes: 1 },
    },
  ]
}

/** Files that are no video that was described. */
export function videoFiles(): FileSample[] {
  const sample = (what: string, bytes: Buffer | string, claims = {}): FileSample => ({
    what,
    status: 422,
    bytes: Buffer.from(bytes as string),
    claims,
  })
  const ftyp = box('ftyp', Buffer.from('isom\0\0\0\0isom'))
  const long = Buffer.from(ftyp)
  long.writeUInt32BE(0xffff_ffff, 0)
  const small = Buffer.from(ftyp)
  small.writeUInt32BE(3, 0)
  const wide = Buffer.alloc(16, 0xff)
  wide.writeUInt32BE(1, 0)
  wide.write('mdat', 4, 'latin1')
  return [
    sample('nothing', '', { bytes: 1 }),
    sample('text', 'hello'),
    sample('HTML', HTML),
    sample('a script', '#!/bin/sh\nid'),
    sample('a playlist that names a file', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
    sample('AVI', 'RIFF\0\0\0\0AVI LIST'),
    sample('Ogg', 'OggS\0\x02'),
    sample('a JPEG', Buffer.from('\xff\xd8\xff\xe0', 'latin1')),
    sample('an MP4 cut in a box', VIDEO.subarray(0, -10)),
    sample('an MP4 with more behind it', Buffer.concat([VIDEO, Buffer.from('x')])),
    sample('a box longer than the file', Buffer.concat([long, Buffer.alloc(20)])),
    sample('a box of three bytes', Buffer.concat([small, Buffer.alloc(20)])),
    sample('a box of 2⁶⁴ bytes', Buffer.concat([ftyp, wide])),
    sample('an MP4 that is called WebM', VIDEO, { media_type: 'video/webm' }),
    sample('another hash', VIDEO, { sha256: 'f'.repeat(64) }),
    sample('fewer bytes', VIDEO, { bytes: VIDEO.length + 1 }),
  ]
}

/** Multipart bodies, as they are, and what they are answered. */
export const FORMS: readonly [what: string, status: number, type: string, body: string][] = [
  ['no boundary', 400, 'multipart/form-data', ''],
  ['an empty boundary', 400, 'multipart/form-data; boundary=', '----'],
  ['nothing', 400, 'multipart/form-data; boundary=x', ''],
  ['text', 400, 'multipart/form-data; boundary=x', 'hello'],
  ['an end alone', 422, 'multipart/form-data; boundary=x', '--x--\r\n'],
  [
    'a part that does not end',
    400,
    'multipart/form-data; boundary=x',
    part('name="file"; filename="a"', 'abc').slice(0, -4),
  ],
  ['a part without a name', 422, 'multipart/form-data; boundary=x', `${part('', 'abc')}--x--\r\n`],
  [
    'a description alone',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="observation"', '{}')}--x--\r\n`,
  ],
  [
    'a file alone',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="file"; filename="a"', 'abc')}--x--\r\n`,
  ],
  [
    'a file under another name',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="observation"', '{}')}${part('name="image"; filename="a"', 'abc')}--x--\r\n`,
  ],
  [
    'two files',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="observation"', '{}')}${part('name="file"; filename="a"', 'a')}${part('name="file"; filename="b"', 'b')}--x--\r\n`,
  ],
  [
    'a description that is no JSON',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="observation"', '{')}${part('name="file"; filename="a"', 'a')}--x--\r\n`,
  ],
  [
    'a description that is a list',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="observation"', '[]')}${part('name="file"; filename="a"', 'a')}--x--\r\n`,
  ],
  [
    'a description nested 10 000 deep',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="observation"', '['.repeat(10_000) + ']'.repeat(10_000))}${part('name="file"; filename="a"', 'a')}--x--\r\n`,
  ],
  [
    '__proto__ as a field',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="__proto__[a]"', '1')}${part('name="file"; filename="a"', 'a')}--x--\r\n`,
  ],
  [
    'a file name that climbs',
    422,
    'multipart/form-data; boundary=x',
    `${part('name="observation"', '{}')}${part('name="file"; filename="../../../../tmp/x"', 'a')}--x--\r\n`,
  ],
  ['JSON of nothing', 422, 'application/json', '{}'],
  [
    'JSON of a file without a description',
    422,
    'application/json',
    '{"stored":{"disk":"google-drive","key":"a"}}',
  ],
  [
    'JSON that names a disk of this server',
    422,
    'application/json',
    '{"stored":{"disk":"local","key":"../../etc/passwd"}}',
  ],
  ['a form', 415, 'application/x-www-form-urlencoded', 'observation={}'],
  ['the bytes alone', 415, 'image/webp', 'RIFF'],
]

function part(disposition: string, content: string): string {
  return `--x\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`
}
