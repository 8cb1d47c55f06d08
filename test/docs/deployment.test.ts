import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render, samplesIn } from './samples.ts'

test('the numbers that docs/deployment.md shows are those that come out', async () => {
  const samples = samplesIn(new URL('../../../docs/deployment.md', import.meta.url))
  assert.ok(samples.length > 0)
  for (const sample of samples) assert.equal(sample.shown, (await render(sample)).shown)
})
