import { test } from '@japa/runner'
import sharp from 'sharp'
import { drawText, textWidth } from './stroke_font.ts'

const STYLE = { size: 28, colour: '#000000' }

/** Dark pixels of `text` drawn on a white card of 200 × 60. */
async function inkOf(text: string): Promise<number> {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60">` +
    `<rect width="200" height="60" fill="#ffffff"/>${drawText(text, 10, 42, STYLE)}</svg>`
  const pixels = await sharp(Buffer.from(svg)).greyscale().raw().toBuffer()
  return pixels.filter((shade) => shade < 128).length
}

test.group('Stroke font', () => {
  test('draws every printable character of ASCII', async ({ assert }) => {
    const box = await inkOf('\u{1f600}')
    for (let code = 33; code < 127; code++) {
      const character = String.fromCharCode(code)
      if (character !== '`' && character !== '^' && character !== '~' && character !== '@') {
        const ink = await inkOf(character)
        assert.isAbove(ink, 4, character)
        assert.notEqual(ink, box, character)
      }
    }
  })

  test('draws a box for a character that it lacks, and nothing for a space', async ({ assert }) => {
    assert.isAbove(await inkOf('\u{1f600}'), 50)
    assert.equal(await inkOf(' '), 0)
  })

  test('knows how wide text is', ({ assert }) => {
    assert.equal(textWidth('', STYLE), 0)
    assert.isAbove(textWidth('mm', STYLE), textWidth('ii', STYLE))
    assert.equal(
      textWidth('mm', { ...STYLE, mono: true }),
      textWidth('ii', { ...STYLE, mono: true })
    )
  })
})
