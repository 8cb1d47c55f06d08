import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownAndSaved } from '../data/results.ts'

test('the table in docs/data.md is what `npm run soak -- data` has found', () => {
  const [shown, saved] = shownAndSaved()
  assert.equal(shown, saved)
})
