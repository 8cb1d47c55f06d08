import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { writtenPages } from './pages.ts'
import { fileOf, masked, render, samplesIn } from './samples.ts'

describe('what the documentation shows', { concurrency: 4 }, () => {
  for (const page of writtenPages()) {
    for (const sample of samplesIn(page)) {
      test(`${sample.path} is that program, and what it prints: \`npm run docs\` writes it`, async () => {
        const { shown, file } = await render(sample)
        assert.equal(masked(sample.shown), masked(shown))
        assert.equal(masked(fileOf(sample)), masked(file))
      })
    }
  }

  test('is more than nothing', () => {
    assert.ok(writtenPages().flatMap(samplesIn).length >= 20)
  })
})
