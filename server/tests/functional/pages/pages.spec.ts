import Agent from '#models/agent'
import { enrol } from '#services/enrolment'
import { cleanDatabase } from '#tests/support/clean'
import { describe, heartbeat, picture, uuidv7 } from '#tests/support/observations'
import { givePurpose } from '#services/purpose'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'

const PAGES = ['/', '/agents', '/agents/new', '/screenshots', '/me/access']

async function send(client: ApiClient, token: string, seq = 1) {
  const bytes = await picture()
  const description = describe(seq, bytes, { captured_at: new Date().toISOString() })
  await client
    .post('/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(description))
    .file('file', bytes, { filename: 'a.webp', contentType: 'image/webp' })
  return description.id
}

test.group('Pages', (group) => {
  cleanDatabase(group)

  test('send a visitor who is not signed in to the sign-in', async ({ client }) => {
    for (const page of PAGES) {
      const answer = await client.get(page).redirects(0)
      answer.assertStatus(302)
      answer.assertHeader('location', '/login')
    }
  })

  test('carry the strict policy and no inline script or style', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    await makeAgent(owner)

    for (const page of [...PAGES, '/login', '/transparency']) {
      const answer = await client.get(page).loginAs(owner)
      answer.assertStatus(200)
      assert.match(
        answer.header('content-security-policy') ?? '',
        /default-src 'none'.*script-src 'self'/
      )
      assert.notMatch(answer.text(), /<script>|<style|\sstyle=|\son[a-z]+=/i)
    }
  })

  test('read when there is nothing yet', async ({ client }) => {
    const owner = await makeUser('owner')

    const overview = await client.get('/').loginAs(owner)
    const agents = await client.get('/agents').loginAs(owner)
    const screenshots = await client.get('/screenshots').loginAs(owner)

    overview.assertTextIncludes('No computer reports here yet')
    agents.assertTextIncludes('No computer reports here yet')
    screenshots.assertTextIncludes('No screenshot here')
  })

  test('show what an agent sent', async ({ client }) => {
    const owner = await makeUser('owner')
    const { agent, token } = await makeAgent(owner)
    const id = await send(client, token)
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(2))

    const overview = await client.get('/').loginAs(owner)
    const list = await client.get('/screenshots').loginAs(owner)
    const shot = await client.get(`/screenshots/${id}`).loginAs(owner)
    const page = await client.get(`/agents/${agent.id}`).loginAs(owner)

    overview.assertTextIncludes(`/media/screenshots/${id}/thumb`)
    list.assertTextIncludes(`/media/screenshots/${id}/thumb`)
    shot.assertTextIncludes('SHA-256')
    page.assertTextIncludes('A processor, 8 cores')
  })

  test('give only their changing part to htmx', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    await makeAgent(owner)

    const answer = await client.get('/').header('HX-Request', 'true').loginAs(owner)

    answer.assertStatus(200)
    assert.notInclude(answer.text(), '<html')
    answer.assertTextIncludes('Latest captures')
  })

  test('do not exist for a role that may not see them', async ({ client }) => {
    const member = await makeUser('member')
    const other = await makeAgent(await makeUser('member'))
    const id = await send(client, other.token)

    for (const page of [
      '/agents/new',
      `/agents/${other.agent.id}`,
      `/screenshots/${id}`,
      `/screenshots/${uuidv7()}`,
      '/nothing',
    ]) {
      const answer = await client.get(page).loginAs(member).accept('html')
      answer.assertStatus(404)
      answer.assertTextIncludes('Nothing here')
    }
    const media = await client.get(`/media/screenshots/${id}`).loginAs(member)
    media.assertStatus(404)
  })

  test('show a person who looked, in words', async ({ client }) => {
    const owner = await makeUser('owner')
    const dana = await makeUser('member')
    const { token } = await makeAgent(dana)
    const id = await send(client, token)
    await givePurpose(owner, dana.id, 'weekly 1:1')
    await client.get(`/media/screenshots/${id}`).loginAs(owner)

    const answer = await client.get('/me/access').loginAs(dana)

    answer.assertTextIncludes(owner.fullName)
    answer.assertTextIncludes('One screenshot')
    answer.assertTextIncludes('weekly 1:1')
  })

  test('show hostile names exactly and run nothing of them', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { agent } = await makeAgent(owner)
    const name = `<script>alert(1)</script>{{ 7 * 7 }}@if(true) "'>`
    await agent.merge({ name }).save()

    const answer = await client.get('/agents').loginAs(owner)

    assert.notInclude(answer.text(), '<script>alert')
    answer.assertTextIncludes('&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}@if(true)')
  })

  test('answer a filter that cannot be read with the page, not with an error', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')

    for (const page of [
      '/screenshots?day=2026-99-99',
      '/agents?presence=x',
      '/screenshots?agent=x',
      '/me/access?before=x',
    ]) {
      const answer = await client.get(page).loginAs(owner).redirects(0)
      assert.isBelow(answer.status(), 500, page)
    }
  })

  test('lead the addresses of the former system to the overview', async ({ client }) => {
    const owner = await makeUser('owner')

    for (const page of ['/monitoring/dashboard/', '/admin/']) {
      const answer = await client.get(page).loginAs(owner).redirects(0)
      answer.assertHeader('location', '/')
    }
  })

  test('remember the theme that was chosen', async ({ client, assert }) => {
    const owner = await makeUser('owner')

    const answer = await client
      .post('/theme')
      .form({ theme: 'dark' })
      .loginAs(owner)
      .withCsrfToken()
      .redirects(0)

    assert.match(
      String(answer.headers()['set-cookie']),
      /theme=dark; Max-Age=31536000; Path=\/; HttpOnly/
    )
  })
})

test.group('Setting up agents', (group) => {
  cleanDatabase(group)

  test('a version that is older than another one is marked, one that is not known is not', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const versions = ['0.9.0', '0.10.0', '0.10.0', 'unknown']
    for (const agentVersion of versions) {
      const { agent } = await makeAgent()
      await agent.merge({ agentVersion }).save()
    }

    const page = await client.get('/agents').loginAs(owner)

    const marked = page.text().match(/<td[^>]*>0\.9\.0\s*<span[^>]*>Old<\/span>/g) ?? []
    assert.lengthOf(marked, 1)
    assert.lengthOf(page.text().match(/>Old</g) ?? [], 1)
  })

  test('gives a line to paste, whose code enrols one computer for the person', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const dana = await makeUser('member')

    const answer = await client
      .post('/agents/codes')
      .form({ site: 'default', name: '', person_id: String(dana.id) })
      .loginAs(owner)
      .withCsrfToken()
      .redirects(0)

    const { line } = answer.flashMessage('enrolment') as { line: string }
    const code = /--code (\S+)/.exec(line)?.[1] ?? ''
    const { agent } = await enrol({
      code,
      host: 'laptop',
      platform: 'linux',
      agent_version: '0.1.0',
    })
    assert.equal(agent.personId, dana.id)
    assert.equal(agent.name, 'laptop')
  })

  test('revokes an agent, whose token stops at once', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { agent, token } = await makeAgent(owner)

    await client.post(`/agents/${agent.id}/revocation`).loginAs(owner).withCsrfToken().redirects(0)

    const answer = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
    answer.assertStatus(401)
    assert.isNotNull((await Agent.findOrFail(agent.id)).revokedAt)
  })

  test('deletes a screenshot from its page', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { token } = await makeAgent(owner)
    const id = await send(client, token)

    const answer = await client
      .post(`/screenshots/${id}?_method=DELETE`)
      .loginAs(owner)
      .withCsrfToken()
      .redirects(0)

    answer.assertHeader('location', '/screenshots')
    assert.lengthOf(await db.from('screenshots'), 0)
  })
})
