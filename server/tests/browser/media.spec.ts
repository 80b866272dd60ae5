import { describe } from '#tests/support/observations'
import { launch, Visitor } from '#tests/support/visitor'
import { World } from '#tests/support/world'
import { test } from '@japa/runner'
import type { Browser } from 'playwright'
import sharp from 'sharp'
import { crc32 } from 'node:zlib'

const SCRIPT = '<script>window.harmed = true</script><img src=x onerror="window.harmed = true">'
const PAGE = `<!doctype html><html><body>${SCRIPT}</body></html>`

/** A PNG with a chunk of text behind its head. */
function withText(png: Buffer, type: 'tEXt' | 'iTXt', text: string): Buffer {
  const content = Buffer.from(type === 'tEXt' ? `Comment\0${text}` : `a\0\0\0\0\0${text}`, 'latin1')
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const chunk = Buffer.alloc(content.length + 12)
  chunk.writeUInt32BE(content.length, 0)
  named.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(named), content.length + 8)
  const head = 8 + 25
  return Buffer.concat([png.subarray(0, head), chunk, png.subarray(head)])
}

test.group('Pictures that are pages too, in a browser', (group) => {
  let browser: Browser
  let world: World
  let owner: { email: string; password: string }
  let agent: string

  group.setup(async () => {
    world = await World.make()
    owner = (await world.setUp()).owner
    await world.startServer()
    const { token } = await world.run<{ token: string }>('token:create', '--email', owner.email)
    const { users } = await world.run<{ users: { id: number }[] }>('user:list')
    const made = await fetch(`${world.url}/api/agents`, {
      method: 'POST',
      headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'kiosk', site: 'default', person_id: users[0]?.id }),
    })
    agent = ((await made.json()) as { token: string }).token
    browser = await launch()
    return async () => {
      await browser.close()
      await world.end()
    }
  })

  async function samples() {
    const plain = sharp({ create: { width: 64, height: 48, channels: 3, background: '#36c' } })
    const exif = { IFD0: { ImageDescription: PAGE, Copyright: SCRIPT } }
    const png = await plain.clone().png().toBuffer()
    return [
      ['image/png', withText(png, 'tEXt', PAGE)],
      ['image/png', withText(png, 'iTXt', SCRIPT)],
      ['image/jpeg', await plain.clone().withExif(exif).jpeg().toBuffer()],
      ['image/webp', await plain.clone().withExif(exif).webp().toBuffer()],
    ] as const
  }

  test('are shown as pictures and run nothing, by themselves or as a script of a page', async ({
    assert,
  }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)
    const { page } = visitor
    let seq = 0
    for (const [type, bytes] of await samples()) {
      const description = describe((seq += 1), bytes, { media_type: type })
      const form = new FormData()
      form.set('observation', JSON.stringify(description))
      form.set('file', new Blob([new Uint8Array(bytes)]), 'a.html')
      const headers = { authorization: `Bearer ${agent}` }
      const sent = await fetch(`${world.url}/api/screenshots`, {
        ...{ method: 'POST', headers, body: form },
      })
      assert.include(bytes.toString('latin1'), 'window.harmed', type)
      assert.equal(sent.status, 201, `${type}: ${await sent.text()}`)

      const answer = await visitor.go(`/media/screenshots/${description.id}`)
      assert.equal(answer?.status(), 200)
      assert.equal(answer?.headers()['content-type'], type)
      assert.equal(answer?.headers()['content-security-policy'], "default-src 'none'; sandbox")
      assert.equal(await page.locator('img').count(), 1)
      assert.isUndefined(await page.evaluate('window.harmed'))

      await visitor.go('/transparency')
      const found = await page.evaluate(`new Promise((resolve) => {
        const script = Object.assign(document.createElement('script'), {
          src: '/media/screenshots/${description.id}',
          onload: () => resolve('loaded'),
          onerror: () => resolve('refused'),
        })
        document.body.append(script)
      })`)
      assert.equal(found, 'refused')
      assert.isUndefined(await page.evaluate('window.harmed'))
    }
  })

  test('are refused where they are no pictures: SVG and HTML', async ({ assert }) => {
    for (const text of [`<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`, PAGE]) {
      const bytes = Buffer.from(text)
      const form = new FormData()
      form.set('observation', JSON.stringify(describe(99, bytes)))
      form.set('file', new Blob([new Uint8Array(bytes)]), 'a.svg')
      const headers = { authorization: `Bearer ${agent}` }
      const sent = await fetch(`${world.url}/api/screenshots`, {
        ...{ method: 'POST', headers, body: form },
      })
      assert.equal(sent.status, 422)
    }
  })
})
