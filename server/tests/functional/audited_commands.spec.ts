import User from '#models/user'
import { cleanDatabase } from '#tests/support/clean'
import ace from '@adonisjs/core/services/ace'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const rows = () => db.from('audit_log').where('kind', 'change').orderBy('id')

test.group('The log of changes by commands', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('has what a command on the server changed', async ({ assert }) => {
    await ace.exec('user:create', ['--email=new@example.test', '--role=auditor'])
    await ace.exec('agent:invite', ['--person=new@example.test'])
    await ace.exec('token:create', ['--email=new@example.test'])
    const { id } = await User.findByOrFail('email', 'new@example.test')
    const [{ id: token }] = await db.from('user_access_tokens')
    await ace.exec('token:list', ['--email=new@example.test', `--revoke=${token}`])

    const found = await rows()

    assert.deepEqual(
      found.map(({ action, actor, person_id: person }) => [action, actor, Number(person)]),
      ['user.create', 'code.create', 'token.create', 'token.revoke'].map((action) => [
        action,
        'command',
        id,
      ])
    )
  })
})
