import UserDelete from '#commands/user_delete'
import Agent from '#models/agent'
import User from '#models/user'
import { examine } from '#services/doctor'
import { publishVersion } from '#services/policy/store'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import ace from '@adonisjs/core/services/ace'
import hash from '@adonisjs/core/services/hash'
import { test } from '@japa/runner'

const run = async (name: string, ...flags: string[]) => (await ace.exec(name, flags)).exitCode

/** Runs a command with --json: its exit code, and the one document that it writes. */
async function runJson(name: string, ...flags: string[]) {
  const write = process.stdout.write
  let text = ''
  process.stdout.write = ((chunk: string) => {
    text += chunk
    return true
  }) as typeof write
  try {
    const code = await run(name, ...flags, '--json')
    return { code, written: JSON.parse(text) as Record<string, unknown> }
  } finally {
    process.stdout.write = write
  }
}

/** Runs something as on a terminal, or as without one. */
async function onTerminal<Result>(isTTY: boolean, act: () => Promise<Result>): Promise<Result> {
  const was = process.stdin.isTTY
  process.stdin.isTTY = isTTY
  return act().finally(() => {
    process.stdin.isTTY = was
  })
}

/** Runs user:delete on a terminal where the question is answered. */
async function deleteAnswering(isYes: boolean, { email, fullName }: User) {
  const command = await ace.create(UserDelete, [`--email=${email}`])
  const trap = command.prompt.trap(
    `Delete ${email} with everything that was observed of ${fullName}?`
  )
  await onTerminal(true, async () => {
    await (isYes ? trap.accept() : trap.reject())
    await command.exec()
  })
  return command.exitCode
}

/** What commands printed since the last look, as one text. */
function printed(): string {
  const text = ace.ui.logger
    .getLogs()
    .map(({ message }) => message)
    .join('\n')
  ace.ui.logger.flushLogs()
  return text
}

test.group('Commands that invite', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('an account with --invite has no password but a link that its person uses once', async ({
    assert,
    client,
  }) => {
    const flags = ['--email=dana@example.test', '--team=North', '--invite']
    const { code, written } = await runJson('user:create', ...flags)
    const path = new URL(String(written.link)).pathname
    const choose = () =>
      client
        .post(path)
        .form({ name: 'Dana', time_zone: 'UTC', password: 'long enough a password' })
        .withCsrfToken()
        .redirects(0)

    assert.equal(code, 0)
    assert.notProperty(written, 'password')
    assert.include((await client.get(path)).text(), 'dana@example.test')
    const first = await choose()
    const again = await choose()
    first.assertHeader('location', '/')
    assert.notEqual(again.header('location'), '/')
    const dana = await User.findByOrFail('email', 'dana@example.test')
    assert.isTrue(await hash.use('scrypt').verify(dana.password, 'long enough a password'))
  })

  test('an invitation with a password is a line that is wrong', async ({ assert }) => {
    assert.equal(
      await run('user:create', '--email=dana@example.test', '--invite', '--password-stdin'),
      2
    )
    assert.lengthOf(await User.all(), 0)
  })

  test('a team gets a code for each of its people who may sign in, and nobody else', async ({
    assert,
  }) => {
    const people = [await makeUser('member', 'North'), await makeUser('member', 'North')]
    await makeUser('member', 'South')
    await (await makeUser('member', 'North')).merge({ disabledAt: Date.now() }).save()

    const { code, written } = await runJson('agent:invite', '--team=North')

    assert.equal(code, 0)
    const invitations = written.invitations as { person: string; code: string; line: string }[]
    assert.sameMembers(
      invitations.map(({ person }) => person),
      people.map(({ email }) => email)
    )
    assert.isTrue(invitations.every((one) => one.line.endsWith(one.code)))
    const kept = await db.from('enrolment_codes').select('person_id')
    assert.sameMembers(
      kept.map(({ person_id: id }) => Number(id)),
      people.map(({ id }) => id)
    )
  })

  test('a team of nobody, or with a person beside it, is a line that is wrong', async ({
    assert,
  }) => {
    const { email } = await makeUser('member', 'North')

    assert.equal(await run('agent:invite', '--team=Nowhere'), 2)
    assert.equal(await run('agent:invite', '--team=North', `--person=${email}`), 2)
    assert.lengthOf(await db.from('enrolment_codes'), 0)
  })
})

test.group('node ace user:*', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('lists accounts by role and team', async ({ assert }) => {
    const member = await makeUser('member', 'North')
    const manager = await makeUser('manager', 'South')

    assert.equal(await run('user:list', '--role=member', '--team=North'), 0)

    const text = printed()
    assert.include(text, member.email)
    assert.notInclude(text, manager.email)
  })

  test('changes a role, and leaves the last owner an owner', async ({ assert }) => {
    const owner = await makeUser('owner')
    const member = await makeUser('member')

    const codes = [
      await run('user:role', `--email=${member.email}`, '--role=auditor'),
      await run('user:role', `--email=${owner.email}`, '--role=member'),
      await run('user:role', `--email=${member.email}`, '--role=king'),
      await run('user:role', '--email=nobody@example.test', '--role=member'),
    ]

    assert.deepEqual(codes, [0, 4, 2, 2])
    assert.equal((await User.findOrFail(member.id)).role, 'auditor')
    assert.equal((await User.findOrFail(owner.id)).role, 'owner')
  })

  test('sets a password that is made and shown once', async ({ assert }) => {
    const user = await makeUser('member')

    assert.equal(await run('user:password', `--email=${user.email}`), 0)

    const password = /shown once: (\S+)/.exec(printed())?.[1] ?? ''
    const { password: stored } = await User.findOrFail(user.id)
    assert.isTrue(await hash.use('scrypt').verify(stored, password))
  })

  test('says what became of an account as one JSON document', async ({ assert }) => {
    await makeUser('owner')
    const { id, email } = await makeUser('member')
    const { agent } = await makeAgent()

    const role = await runJson('user:role', `--email=${email}`, '--role=auditor')
    const disabled = await runJson('user:disable', `--email=${email}`)
    const enabled = await runJson('user:disable', `--email=${email}`, '--undo')
    const revoked = await runJson('agent:revoke', String(agent.id))

    assert.deepEqual(role, { code: 0, written: { id, email, role: 'auditor' } })
    assert.deepEqual(disabled.written, { id, email, disabled: true, second_factor: false })
    assert.deepEqual(enabled.written, { id, email, disabled: false, second_factor: false })
    assert.equal(revoked.written.id, agent.id)
    assert.closeTo(Date.parse(String(revoked.written.revoked_at)), Date.now(), 60_000)
  })

  test('disables an account and lets it in again, and each is a row of the log', async ({
    assert,
  }) => {
    await makeUser('owner')
    const user = await makeUser('member')

    await run('user:disable', `--email=${user.email}`)
    const during = (await User.findOrFail(user.id)).isDisabled
    await run('user:disable', `--email=${user.email}`, '--undo')

    assert.isTrue(during)
    assert.isFalse((await User.findOrFail(user.id)).isDisabled)
    const actions = (await db.from('audit_log').orderBy('id')).map((row) => row.action)
    assert.includeMembers(actions, ['user.disable', 'user.enable'])
    assert.equal(await run('audit:verify'), 0)
  })
})

test.group('node ace user:delete', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('deletes with --yes, and says what went as one JSON document', async ({ assert }) => {
    await makeUser('owner')
    const user = await makeUser('member')

    const { code, written } = await runJson('user:delete', `--email=${user.email}`, '--yes')

    assert.equal(code, 0)
    assert.deepEqual(written, { id: user.id, email: user.email, agents: 0, rows: 0, files: 0 })
    assert.isNull(await User.find(user.id))
  })

  test('asks on a terminal; where there is none it names --yes and deletes nothing', async ({
    assert,
  }) => {
    await makeUser('owner')
    const user = await makeUser('member')

    const code = await onTerminal(false, () => run('user:delete', `--email=${user.email}`))
    assert.equal(code, 2)
    assert.include(printed(), '--yes')
    assert.equal(await deleteAnswering(false, user), 4)
    assert.isNotNull(await User.find(user.id))
    assert.equal(await deleteAnswering(true, user), 0)
    assert.isNull(await User.find(user.id))
  })

  test('refuses the last owner with 4 and an unknown address with 2', async ({ assert }) => {
    const owner = await makeUser('owner')

    assert.equal(await run('user:delete', `--email=${owner.email}`, '--yes'), 4)
    assert.equal(await run('user:delete', '--email=nobody@example.test', '--yes'), 2)
    assert.isNotNull(await User.find(owner.id))
  })
})

test.group('node ace agent:*, token:*', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('lists agents, and those that are silent with 7', async ({ assert }) => {
    const { agent: heard } = await makeAgent(await makeUser('member'))
    const { agent: silent } = await makeAgent()
    await heard.merge({ lastSeenAt: Date.now() }).save()
    await silent.merge({ lastSeenAt: Date.now() - 3_600_000 }).save()

    assert.equal(await run('agent:list'), 0)
    const text = printed()
    assert.include(text, heard.name)
    assert.include(text, silent.name)
    assert.equal(await run('agent:silent', '--older=10m'), 7)
    assert.equal(await run('agent:silent', '--older=2h'), 0)
    assert.equal(await run('agent:silent', '--older=soon'), 2)
  })

  test('shows one agent, as a table and as JSON, without its token', async ({ client, assert }) => {
    const { agent, token } = await makeAgent(await makeUser('member'))
    const sent = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(3))
    sent.assertStatus(201)

    const { code, written } = await runJson('agent:show', String(agent.id))

    assert.equal(code, 0)
    assert.containSubset(written, {
      ...{ id: agent.id, name: agent.name, last_seq: 3, paused_until: null, policy_version: 0 },
      missing: [{ from: 1, to: 2 }],
      last_heartbeat: { spool: { queued: 1 } },
    })
    assert.notInclude(JSON.stringify(written), token.slice(-20))
    assert.equal(await run('agent:show', String(agent.id)), 0)
    assert.include(printed(), agent.name)
    assert.equal(await run('agent:show', '999'), 2)
    assert.equal(await run('agent:show', 'a'), 2)
  })

  test('pauses an agent that hears of it, as far as its policy allows, and lets it go on', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent(await makeUser('member'))
    const pausedUntil = async () =>
      (await client.get('/api/agents/me').bearerToken(token)).body().paused_until

    const { code, written } = await runJson('agent:pause', String(agent.id), '--minutes=20')

    assert.equal(code, 0)
    assert.equal(written.paused_until, await pausedUntil())
    assert.closeTo(Date.parse(String(written.paused_until)), Date.now() + 20 * 60_000, 60_000)
    assert.equal(await run('agent:pause', String(agent.id), '--resume'), 0)
    assert.isNull(await pausedUntil())
    assert.equal(await run('agent:pause', String(agent.id), '--minutes=0'), 2)
    assert.equal(await run('agent:pause', '999'), 2)
    await publishVersion({
      subject: { level: 'organisation', id: 0 },
      values: { 'pause.minutes_per_day': 0 },
      ...{ locked: [], reason: 'a test', actor: 'command' },
    })
    assert.equal(await run('agent:pause', String(agent.id)), 4)
    await run('agent:revoke', String(agent.id))
    assert.equal(await run('agent:pause', String(agent.id)), 2)
    const actions = (await db.from('audit_log').orderBy('id')).map((row) => row.action)
    assert.deepEqual(
      actions.filter((action) => action === 'agent.pause'),
      ['agent.pause', 'agent.pause']
    )
  })

  test('revokes an agent, whose token is refused then', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()

    assert.equal(await run('agent:revoke', String(agent.id)), 0)

    assert.isTrue((await Agent.findOrFail(agent.id)).isRevoked)
    const answer = await client.get('/api/agents/me').bearerToken(token)
    answer.assertStatus(401)
    assert.equal(await run('agent:revoke', '999'), 2)
  })

  test('lists tokens without the tokens, and ends one', async ({ client, assert }) => {
    const user = await makeUser('member')
    const token = await tokenOf(user)
    const [{ id }] = await db.from('user_access_tokens')

    assert.equal(await run('token:list', `--email=${user.email}`), 0)
    assert.notInclude(printed(), token.slice(-20))
    assert.equal(await run('token:list', `--email=${user.email}`, `--revoke=${id}`), 0)

    const answer = await client.get('/api/agents').bearerToken(token)
    answer.assertStatus(401)
    assert.equal(await run('token:list', `--email=${user.email}`, '--revoke=99999'), 2)
  })
})

test.group('node ace worksight:doctor', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('says what is missing, and which command to type next', async ({ assert }) => {
    const findings = await examine()

    assert.containSubset(findings, [
      { check: 'database', state: 'ok' },
      { check: 'migrations', state: 'ok' },
      { check: 'storage', state: 'ok' },
      { check: 'owner', state: 'fail' },
    ])
    assert.equal(await run('worksight:doctor'), 8)
  })

  test('has nothing to say about a server that is well', async ({ assert }) => {
    await makeUser('owner')

    assert.equal(await run('worksight:doctor'), 0)
  })
})
