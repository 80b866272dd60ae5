import { test } from '@japa/runner'
import { timeZone } from '../src/machine.ts'
import { describeHours, workingHours, type WorkingHours } from '../src/working_hours.ts'

const BERLIN: WorkingHours = {
  zone: 'Europe/Berlin',
  days: {
    monday: [
      ['09:00', '12:00'],
      ['13:00', '17:30'],
    ],
    friday: [['22:00', '06:00']],
    sunday: [['00:00', '24:00']],
  },
}

test.group('working hours', () => {
  test('always is always', ({ assert }) => {
    assert.isTrue(workingHours('always')(0))
  })

  test('{0} is within: {1}')
    .with([
      ['2026-03-02T08:59:59+01:00', false],
      ['2026-03-02T09:00:00+01:00', true],
      ['2026-03-02T11:59:59+01:00', true],
      ['2026-03-02T12:00:00+01:00', false],
      ['2026-03-02T17:29:59+01:00', true],
      ['2026-03-02T17:30:00+01:00', false],
      ['2026-03-03T10:00:00+01:00', false],
      ['2026-03-06T21:59:00+01:00', false],
      ['2026-03-06T22:00:00+01:00', true],
      ['2026-03-07T05:59:00+01:00', true],
      ['2026-03-07T06:00:00+01:00', false],
      ['2026-03-08T00:00:00+01:00', true],
      ['2026-03-08T23:59:59+01:00', true],
      // the zone counts, not the offset the moment is written with
      ['2026-03-02T08:30:00Z', true],
      // clocks go forward on 29 March, back on 25 October: nine on the wall stays nine
      ['2026-03-30T08:59:00+02:00', false],
      ['2026-03-30T09:00:00+02:00', true],
      ['2026-10-26T08:59:00+01:00', false],
      ['2026-10-26T09:00:00+01:00', true],
    ] as const)
    .run(({ assert }, [moment, expected]) => {
      assert.equal(workingHours(BERLIN)(Date.parse(moment)), expected)
    })

  test('in {0}, a change of the clocks neither opens nor closes an hour early')
    .with([
      ['Europe/Berlin'],
      ['America/New_York'],
      ['Australia/Lord_Howe'],
      ['Asia/Kolkata'],
    ] as const)
    .run(({ assert }, [zone]) => {
      const isWithin = workingHours({ zone, days: { sunday: [['09:00', '17:00']] } })
      const wall = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'long',
        hour: '2-digit',
        hourCycle: 'h23',
      })
      const start = Date.UTC(2026, 0, 1)

      for (let hour = 0; hour < 366 * 24; hour++) {
        const moment = start + hour * 3_600_000 + 1_800_000
        const [day, at] = wall.format(moment).split(/,? at |,? /)
        const expected = day === 'Sunday' && Number(at) >= 9 && Number(at) < 17
        assert.equal(isWithin(moment), expected, new Date(moment).toISOString())
      }
    })

  test('are the same on a machine in {0} and on one elsewhere that is told of the zone')
    .with([['Europe/Berlin'], ['America/New_York'], ['Australia/Lord_Howe'], ['Asia/Kolkata']])
    .run(({ assert, cleanup }, [zone = '']) => {
      cleanup(keepZone())
      const days = { sunday: [['09:00', '17:00']], friday: [['22:00', '02:30']] } as const
      process.env.TZ = 'Pacific/Chatham'
      const told = workingHours({ zone, days })
      const moments = Array.from({ length: 366 * 24 }, (_, h) => Date.UTC(2026, 0, 1, h, 30))
      const expected = moments.map(told)

      process.env.TZ = zone
      assert.equal(timeZone(), zone)
      assert.deepEqual(moments.map(workingHours({ days })), expected)
      assert.deepEqual(moments.map(workingHours({ zone, days })), expected)
      assert.include(expected, true)
    })

  test('where TZ says {0}, the machine is in {1}')
    .with([
      ['Europe/Berlin', 'Europe/Berlin'],
      [':America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
      ['UTC', 'UTC'],
      ['Etc/UTC', 'UTC'],
      ['Etc/GMT+3', 'Etc/GMT+3'],
      ['../../etc/passwd', 'what Intl makes of it'],
      ['localtime', 'what Intl makes of it'],
      ['Europe/Atlantis', 'what Intl makes of it'],
      ['', 'what Intl makes of it'],
    ] as const)
    .run(({ assert, cleanup }, [set, expected]) => {
      cleanup(keepZone())
      process.env.TZ = set
      const ofIntl = Intl.DateTimeFormat().resolvedOptions().timeZone
      assert.equal(timeZone(), expected === 'what Intl makes of it' ? ofIntl : expected)
    })

  test('refuses hours that do not exist: {0}')
    .with([['9:00'], ['25:00'], ['24:01'], ['09:60'], ['nine']] as const)
    .run(({ assert }, [text]) => {
      assert.throws(
        () => workingHours({ days: { monday: [[text, '17:00']] } }),
        /Expected hours of monday/
      )
    })

  test('refuses a zone that does not exist', ({ assert }) => {
    assert.throws(
      () => workingHours({ zone: 'Europe/Atlantis', days: {} }),
      /found "Europe\/Atlantis"/
    )
  })

  test('reads as a person says it', ({ assert }) => {
    assert.equal(
      describeHours(BERLIN),
      'Sunday 00:00–24:00; Monday 09:00–12:00, 13:00–17:30; Friday 22:00–06:00 (Europe/Berlin)'
    )
  })
})

/** Gives back what puts TZ as it is now. */
function keepZone(): () => void {
  const before = process.env.TZ
  return () => {
    if (before === undefined) {
      delete process.env.TZ
    } else {
      process.env.TZ = before
    }
  }
}
