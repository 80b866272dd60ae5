import { Contacts } from '#services/contacts'
import { test } from '@japa/runner'

const contact = (id: number, at: number, seq: number, state: string | null = 'active') => ({
  id,
  last_seen_at: at,
  last_seq: seq,
  contact: state
    ? { state, interval_seconds: 30, agent_version: '1.0.0', last_heartbeat_id: `beat-${seq}` }
    : null,
})

/** Sends contacts through `contacts` as a commit at each one's time would; gives what the database is told. */
function send(contacts: Contacts, ...fresh: ReturnType<typeof contact>[]) {
  const due = contacts.due(fresh, fresh[0]?.last_seen_at)
  contacts.committed(fresh, due)
  return due
}

test.group('Contacts', () => {
  test('the first contact of an agent goes with its commit', ({ assert }) => {
    assert.deepEqual(send(new Contacts(), contact(1, 0, 1)), [contact(1, 0, 1)])
  })

  test('of a hundred contacts within a second the database hears the first, and the last one after it', ({
    assert,
  }) => {
    const contacts = new Contacts()
    const told = Array.from({ length: 100 }, (_, index) =>
      send(contacts, contact(1, index * 10, index + 1))
    ).flat()

    assert.deepEqual(told, [contact(1, 0, 1)])
    assert.deepEqual(contacts.late(), [contact(1, 990, 100)])
    assert.isEmpty(contacts.due([], 999))
    assert.deepEqual(contacts.due([], 1000), [contact(1, 990, 100)])
  })

  test('another state goes at once, and takes along what was late', ({ assert }) => {
    const contacts = new Contacts()
    send(contacts, contact(1, 0, 1))
    send(contacts, contact(1, 10, 9))

    assert.deepEqual(send(contacts, contact(1, 20, 5, 'afk')), [
      { ...contact(1, 20, 5, 'afk'), last_seq: 9 },
    ])
    assert.isEmpty(contacts.late())
  })

  test('events without a heartbeat keep what the heartbeat before them said', ({ assert }) => {
    const contacts = new Contacts()
    send(contacts, contact(1, 0, 1))
    send(contacts, contact(1, 10, 2, 'active'))
    send(contacts, contact(1, 20, 3, null))

    assert.deepEqual(contacts.late(), [
      { ...contact(1, 20, 3), contact: contact(1, 10, 2).contact },
    ])
    assert.isEmpty(send(contacts, contact(1, 30, 4)))
  })

  test('what waited for a second goes along with whatever is committed next', ({ assert }) => {
    const contacts = new Contacts()
    send(contacts, contact(1, 0, 1))
    send(contacts, contact(1, 10, 2))

    assert.deepEqual(send(contacts, contact(2, 1000, 1)), [contact(1, 10, 2), contact(2, 1000, 1)])
    assert.isEmpty(contacts.late())
  })

  test('what a commit that failed would have said is not remembered', ({ assert }) => {
    const contacts = new Contacts()
    contacts.due([contact(1, 0, 1)], 0)

    assert.deepEqual(send(contacts, contact(1, 10, 2)), [contact(1, 10, 2)])
  })
})
