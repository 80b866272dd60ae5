import { test } from '@japa/runner'
import { every, everyInGerman } from '../src/every.ts'

test.group('How often', () => {
  test('{$i}: {english}, {german}')
    .with([
      { seconds: 1, english: 'every second', german: 'jede Sekunde' },
      { seconds: 30, english: 'every 30 seconds', german: 'alle 30 Sekunden' },
      { seconds: 60, english: 'every minute', german: 'jede Minute' },
      { seconds: 90, english: 'every 90 seconds', german: 'alle 90 Sekunden' },
      { seconds: 300, english: 'every 5 minutes', german: 'alle 5 Minuten' },
    ])
    .run(({ assert }, { seconds, english, german }) => {
      assert.equal(every(seconds), english)
      assert.equal(everyInGerman(seconds), german)
    })
})
