import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { readdirSync, readFileSync } from 'node:fs'

const VIEWS = app.makePath('server/resources/views')

/** `field/text.edge` as a page names it: `field.text`; `page_header.edge`: `pageHeader`. */
const tagOf = (file: string) =>
  file
    .replace(/\.edge$/, '')
    .replaceAll('/', '.')
    .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Those that need a person or a stored picture, and stand on pages that tests open, or in others of these. */
const ELSEWHERE = [
  'layout.document',
  'layout.plain',
  'dayShot',
  'problem',
  'purposeForm',
  'reasonForm',
]

test.group('The page of components', (group) => {
  cleanDatabase(group)

  test('shows each of them', ({ assert }) => {
    const page = readFileSync(`${VIEWS}/pages/dev/components.edge`, 'utf8')
    const files = readdirSync(`${VIEWS}/components`, { recursive: true, encoding: 'utf8' })
    const tags = files.filter((file) => file.endsWith('.edge')).map(tagOf)

    const missing = tags.filter((tag) => !page.includes(`@${tag}(`) && !page.includes(`@!${tag}(`))

    assert.sameMembers(missing, ELSEWHERE)
  })

  test('renders, with a refused field, for those who run it all', async ({ client }) => {
    const page = await client.get('/dev/components').loginAs(await makeUser('owner'))
    page.assertStatus(200)
    page.assertTextIncludes('Too short')
    page.assertTextIncludes('A day with every state')
    const other = await client.get('/dev/components').loginAs(await makeUser('manager'))
    other.assertStatus(404)
  })
})
