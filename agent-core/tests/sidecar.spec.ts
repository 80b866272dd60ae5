import { test } from '@japa/runner'
import { decodeSidecar, encodeSidecar, type Sidecar } from '../src/sidecar.ts'
import type { Observation } from '../src/observation.ts'
import { UuidSource } from '../src/uuid.ts'
import { anEvent } from '../testing/main.ts'

const draft = anEvent({ ids: new UuidSource(Date.now) })
const observation = { ...draft, seq: 7 } as Observation
const sidecar: Sidecar = { observation, bytes: 0, sha256: null, death: null }

test.group('sidecar', () => {
  test('reads back what was written', ({ assert }) => {
    assert.deepEqual(decodeSidecar(encodeSidecar(sidecar), observation.id), sidecar)
  })

  test('notices every flipped bit', ({ assert }) => {
    const bytes = encodeSidecar(sidecar)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))

      assert.throws(() => decodeSidecar(damaged, observation.id), /Expected a sidecar/)
    }
  })

  test('notices every missing end', ({ assert }) => {
    const bytes = encodeSidecar(sidecar)
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(
        () => decodeSidecar(bytes.subarray(0, length), observation.id),
        /Expected a sidecar/
      )
    }
  })

  test('is not taken for that of another item', ({ assert }) => {
    const other = new UuidSource(Date.now).next()

    assert.throws(() => decodeSidecar(encodeSidecar(sidecar), other), /Expected the sidecar of/)
  })
})
