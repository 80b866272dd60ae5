import app from '@adonisjs/core/services/app'
import router from '@adonisjs/core/services/router'
import { test } from '@japa/runner'
import { readdirSync, readFileSync } from 'node:fs'

const read = (path: string) => readFileSync(app.makePath(path), 'utf8')

test.group('The pages of documentation', () => {
  test('name every command of the server', ({ assert }) => {
    const page = read('docs/commands.md')
    const names = readdirSync(app.makePath('server/commands')).flatMap(
      (file) => /commandName = '([^']+)'/.exec(read(`server/commands/${file}`))?.[1] ?? []
    )

    assert.isAbove(names.length, 30)
    assert.deepEqual(
      names.filter((name) => !page.includes(name.startsWith('up') ? 'node ace up' : name)),
      []
    )
  })

  test('name every resource of the API', ({ assert }) => {
    router.commit()
    const page = read('docs/api.md')
    const resources = Object.values(router.toJSON())
      .flat()
      .flatMap(({ pattern }) => /^\/api\/[\w-]+/.exec(pattern)?.[0] ?? [])

    assert.isAbove(new Set(resources).size, 15)
    assert.deepEqual(
      [...new Set(resources)].filter((resource) => !page.includes(resource)),
      []
    )
  })
})
