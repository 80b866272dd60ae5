import { descriptions } from '#services/openapi/describe'
import { openapi, pathOf } from '#services/openapi/document'
import { toYaml } from '#services/openapi/yaml'
import router from '@adonisjs/core/services/router'
import { test } from '@japa/runner'

test.group('OpenAPI', () => {
  test('every route under /api is described beside its declaration', ({ assert }) => {
    const document = openapi('http://localhost')
    const missing = Object.values(router.toJSON())
      .flat()
      .filter(({ pattern }) => pattern.startsWith('/api/'))
      .flatMap(({ pattern, methods }) => methods.map((method) => [method, pattern] as const))
      .filter(([method]) => method !== 'HEAD')
      .filter(([method, pattern]) => !document.paths[pathOf(pattern)]?.[method.toLowerCase()])
      .map(([method, pattern]) => `${method} ${pattern}: add .describe({ … }) to the route`)

    assert.deepEqual(missing, [])
  })

  test('every reference leads somewhere, and every operation has a name of its own', ({
    assert,
  }) => {
    const document = openapi('http://localhost')
    const text = JSON.stringify(document)
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name
    )
    const names = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId)
    )

    assert.includeMembers(Object.keys(document.components.schemas), [...new Set(references)])
    assert.lengthOf(new Set(names), names.length)
    assert.lengthOf(names, descriptions.size)
  })

  test('is served as JSON and as YAML, with an ETag that answers 304', async ({
    client,
    assert,
  }) => {
    const json = await client.get('/openapi.json')
    const again = await client
      .get('/openapi.json')
      .header('if-none-match', json.header('etag') ?? '')
    const yaml = await client.get('/openapi.yaml')

    json.assertStatus(200)
    assert.equal(json.body().openapi, '3.1.0')
    again.assertStatus(304)
    assert.match(yaml.text(), /^"openapi": "3\.1\.0"\n"info":\n {2}"title": "WorkSight"\n/)
  })

  test('writes lists, mappings and empty ones as YAML', ({ assert }) => {
    assert.equal(
      toYaml({ a: [{ b: 1, c: ['no', null] }, [], {}], d: { e: true } }),
      '"a":\n  - "b": 1\n    "c":\n      - "no"\n      - null\n  - []\n  - {}\n"d":\n  "e": true\n'
    )
  })

  test('Swagger UI comes from this server, under a content policy as strict as that of other pages', async ({
    client,
    assert,
  }) => {
    const page = await client.get('/docs/api')

    page.assertStatus(200)
    const policy = page.header('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    assert.notInclude(policy, 'unsafe')
    const files = [...page.text().matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(
      ([, path]) => path ?? ''
    )
    assert.lengthOf(files, 5)
    for (const file of files) {
      assert.match(file, /^\//)
      const answer = await client.get(file)
      answer.assertStatus(200)
    }
    const outside = await client.get('/docs/api/files/package.json')
    outside.assertStatus(404)
  })
})
