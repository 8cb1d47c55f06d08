import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isThenable } from '../../../lib/time/within.ts'

test('a value that throws when it is asked for its `then` is waited for, so that the error is heard', () => {
  const hostile = Object.defineProperty({}, 'then', {
    get() {
      throw new Error('no')
    }
  })
  const values = [undefined, null, 1, {}, Promise.resolve(), hostile]
  assert.deepEqual(values.map(isThenable), [false, false, false, false, true, true])
})
