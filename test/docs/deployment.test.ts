import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writtenPages } from './pages.ts'
import { render, samplesIn } from './samples.ts'

test('the numbers in the configuration that the pages show are those that come out', async () => {
  const samples = writtenPages()
    .flatMap(samplesIn)
    .filter(({ path }) => path.startsWith('examples/deployment/'))
  assert.ok(samples.length >= 5)
  for (const sample of samples) assert.equal(sample.shown, (await render(sample)).shown)
})
