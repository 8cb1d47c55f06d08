import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { masked, pages, render, samplesIn } from './samples.ts'

describe('what the documentation shows', { concurrency: 2 }, () => {
  for (const page of pages()) {
    for (const sample of samplesIn(page)) {
      test(`${sample.path} is that program, and what it prints: \`npm run docs\` writes it`, async () => {
        assert.equal(masked(sample.shown), masked(await render(sample)))
      })
    }
  }

  test('is more than nothing', () => {
    assert.ok(pages().flatMap(samplesIn).length >= 4)
  })
})
