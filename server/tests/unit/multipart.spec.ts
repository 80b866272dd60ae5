import { boundaryOf, MalformedMultipart, MultipartReader } from '#services/multipart'
import { test } from '@japa/runner'
import fc from 'fast-check'

type Part = { name: string; isFile: boolean; bytes: Buffer }

const BOUNDARY = 'a-boundary'

function body(parts: readonly Part[], boundary = BOUNDARY): Buffer {
  const pieces = parts.flatMap(({ name, isFile, bytes }) => {
    const file = isFile ? '; filename="x"' : ''
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`
    return [Buffer.from(head), bytes, Buffer.from('\r\n')]
  })
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}

/** Reads a body that arrives in pieces of these sizes, over and over. */
function read(content: Buffer, sizes: readonly number[], boundary = BOUNDARY): Part[] {
  const parts: Part[] = []
  const reader = new MultipartReader(boundary, ({ name, isFile }) => {
    const chunks: Buffer[] = []
    return {
      data: (bytes) => chunks.push(Buffer.from(bytes)),
      end: () => parts.push({ name, isFile, bytes: Buffer.concat(chunks) }),
    }
  })
  let from = 0
  for (let turn = 0; from < content.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    reader.push(content.subarray(from, from + size))
    from += size
  }
  reader.end()
  return parts
}

/** Bytes that look like the beginning of a boundary, over and over. */
const tricky = fc
  .array(
    fc.constantFrom('\r', '\n', '\r\n', '-', '--', '\r\n--', 'a-bound', BOUNDARY.slice(0, -1), 'x')
  )
  .map((words) => Buffer.from(words.join('')))

test.group('Multipart bodies', () => {
  test('give the parts back byte for byte, however they are cut into pieces', () => {
    const part = fc.record({
      name: fc.constantFrom('file', 'observation', 'other'),
      isFile: fc.boolean(),
      bytes: fc.oneof(
        tricky,
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
      ),
    })
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), sizes, (parts, cuts) => {
        fc.pre(parts.every(({ bytes }) => !bytes.includes(`--${BOUNDARY}`)))
        const found = read(body(parts), cuts)
        return (
          found.length === parts.length &&
          found.every(
            ({ name, isFile, bytes }, index) =>
              name === parts[index]?.name &&
              isFile === parts[index].isFile &&
              bytes.equals(parts[index].bytes)
          )
        )
      }),
      { numRuns: 400 }
    )
  })

  test('are malformed without their last boundary', ({ assert }) => {
    const whole = body([{ name: 'file', isFile: true, bytes: Buffer.from('x') }])

    assert.throws(() => read(whole.subarray(0, -6), [7]), MalformedMultipart as never)
  })

  test('are malformed where the headers of a part have no end', ({ assert }) => {
    const endless = `--${BOUNDARY}\r\n${'X: y\r\n'.repeat(3000)}`

    assert.throws(() => read(Buffer.from(endless), [64]), MalformedMultipart as never)
  })

  test('name their boundary bare or in quotes', ({ assert }) => {
    assert.equal(boundaryOf('multipart/form-data; boundary=abc'), 'abc')
    assert.equal(boundaryOf('multipart/form-data; charset=x; boundary="a b:c"'), 'a b:c')
    assert.isNull(boundaryOf('multipart/form-data'))
    assert.isNull(
      boundaryOf(`multipart/form-data; boundary=${'x'.repeat(71)}`.replace('x'.repeat(71), '"'))
    )
  })
})
