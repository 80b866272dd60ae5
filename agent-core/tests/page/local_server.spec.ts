import { request as httpRequest } from 'node:http'
import { test } from '@japa/runner'
import { html } from '../../src/page/html.ts'
import { LocalServer, type PageRequest } from '../../src/page/local_server.ts'

type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A request as no browser would send it: with any Host and any header. */
function send(
  port: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  form?: string
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const method = form === undefined ? 'GET' : 'POST'
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, setHost: headers.host === undefined },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (body += chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
        )
      }
    )
    request.on('error', reject)
    request.end(form)
  })
}

async function opened(cleanup: (work: () => Promise<void>) => void) {
  const seen: PageRequest[] = []
  const server = new LocalServer(async (request) => {
    seen.push(request)
    return { status: 200, type: 'text/plain', body: 'the page' }
  })
  await server.listen(0)
  cleanup(() => server.close())
  const { port, pathname, origin, host } = new URL(server.link ?? '')
  return { seen, server, port, path: pathname, origin, host }
}

test.group('LocalServer', () => {
  test('answers whoever has the link', async ({ assert, cleanup }) => {
    const { port, path, seen } = await opened(cleanup)

    const reply = await send(port, `${path}some/where?of=it`)

    assert.equal(reply.body, 'the page')
    assert.containsSubset(seen, [{ method: 'GET', path: 'some/where' }])
    assert.match(path, /^\/[A-Za-z0-9_-]{32}\/$/)
  })

  test('a name that was rebound to loopback is refused: Host "{$self}"')
    .with([
      'evil.example',
      'evil.example:PORT',
      '127.0.0.1.evil.example:PORT',
      '127.0.0.1',
      '127.0.0.1:1',
      '0.0.0.0:PORT',
      '[::1]:PORT',
      '127.0.0.1:PORT@evil.example',
      '',
    ])
    .run(async ({ assert, cleanup }, host) => {
      const { port, path, seen } = await opened(cleanup)

      const { status } = await send(port, path, { host: host.replace('PORT', port) })

      assert.include([400, 403], status)
      assert.lengthOf(seen, 0)
    })

  test('a form of another page is refused: {$self}')
    .with([
      '{"origin":"https://evil.example"}',
      '{"origin":"null"}',
      '{"origin":"http://localhost:1"}',
      '{"origin":"http://127.0.0.1"}',
      '{}',
      '{"origin":"OWN","sec-fetch-site":"cross-site"}',
      '{"origin":"OWN","sec-fetch-site":"same-site"}',
    ])
    .run(async ({ assert, cleanup }, text) => {
      const { port, path, seen, origin } = await opened(cleanup)
      const headers = JSON.parse(text.replace('OWN', origin)) as Record<string, string>

      const { status } = await send(port, `${path}pause`, headers, 'minutes=15')

      assert.equal(status, 403)
      assert.lengthOf(seen, 0)
    })

  test('another page that reads is refused', async ({ assert, cleanup }) => {
    const { port, path, seen } = await opened(cleanup)

    const foreign = await send(port, path, { origin: 'https://evil.example' })
    const embedded = await send(port, path, { 'sec-fetch-site': 'cross-site' })

    assert.deepEqual([foreign.status, embedded.status, seen.length], [403, 403, 0])
  })

  test('without the secret of this start nothing is answered: {$self}')
    .with(['/', '/style.css', '/x/', '//', '/SHORT/', '/..%2f/', '/%00/'])
    .run(async ({ assert, cleanup }, address) => {
      const { port, path, seen } = await opened(cleanup)

      const { status } = await send(port, address.replace('/SHORT', path.slice(0, -2)))

      assert.equal(status, 404)
      assert.lengthOf(seen, 0)
    })

  test('what is handed to a program leads to the page once, and holds no secret', async ({
    assert,
    cleanup,
  }) => {
    const { server, port, path, seen } = await opened(cleanup)
    const old = new URL(server.passLink() ?? '').pathname
    const pass = new URL(server.passLink() ?? '').pathname

    const answers = [
      await send(port, old),
      await send(port, '/open/'),
      await send(port, pass),
      await send(port, pass),
    ]

    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 303, 404]
    )
    assert.equal(answers[2]?.headers.location, path)
    assert.notInclude(pass, path.slice(1, -1))
    assert.lengthOf(seen, 0)
  })

  test('each start has another secret', async ({ assert, cleanup }) => {
    const [one, other] = [await opened(cleanup), await opened(cleanup)]

    assert.notEqual(one.path, other.path)
  })

  test('a form from its own page arrives; one of 9 KB does not', async ({ assert, cleanup }) => {
    const { port, path, seen, origin } = await opened(cleanup)

    const taken = await send(port, `${path}pause`, { origin }, 'minutes=15')
    const large = await send(port, `${path}pause`, { origin }, `a=${'b'.repeat(9_000)}`)

    assert.deepEqual([taken.status, large.status], [200, 413])
    assert.equal(seen[0]?.form.get('minutes'), '15')
    assert.lengthOf(seen, 1)
  })

  test('every answer forbids scripts, frames, sniffing and copies', async ({ assert, cleanup }) => {
    const { port, path } = await opened(cleanup)

    for (const { headers } of [await send(port, path), await send(port, '/')]) {
      assert.match(String(headers['content-security-policy']), /^default-src 'none'; style-src/)
      assert.notMatch(String(headers['content-security-policy']), /script|unsafe/)
      assert.containsSubset(headers, {
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
      })
    }
  })

  test('takes another port when its own is taken, and says when it is gone', async ({
    assert,
    cleanup,
  }) => {
    const { port } = await opened(cleanup)
    const second = new LocalServer(async () => ({ status: 204 }))

    await second.listen(Number(port))
    assert.isTrue(second.isListening)
    assert.notEqual(new URL(second.link ?? '').port, port)

    await second.close()
    assert.isFalse(second.isListening)
    assert.isNull(second.link)
  })
})

test.group('html', () => {
  test('escapes every value but markup', ({ assert }) => {
    const title = `<script>alert("1")</script> & 'more'`

    assert.equal(
      html`<p title="${title}">${[html`<b>${1}</b>`, null, '<']}</p>`.text,
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;"><b>1</b>&lt;</p>'
    )
  })
})
