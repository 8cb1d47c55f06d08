import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownAndSaved } from '../data/results.ts'
import { codeIn } from './code.ts'

const page = new URL('../../../docs/data.md', import.meta.url)

test('docs/data.md shows the code of the example as it is: `npm run docs` writes it', () => {
  const all = codeIn(page)
  assert.ok(all.length > 0)
  for (const [shown, wanted] of all) assert.equal(shown, wanted)
})

test('the table in docs/data.md is what `npm run data` has found', () => {
  const [shown, saved] = shownAndSaved()
  assert.equal(shown, saved)
})
