import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileOf, filesIn, masked, pages, render, samplesIn } from './samples.ts'

describe('what the documentation shows', { concurrency: 2 }, () => {
  for (const page of pages()) {
    for (const sample of samplesIn(page)) {
      test(`${sample.path} is that program, and what it prints: \`npm run docs\` writes it`, async () => {
        const { shown, file } = await render(sample)
        assert.equal(masked(sample.shown), masked(shown))
        assert.equal(masked(fileOf(sample)), masked(file))
      })
    }
  }

  for (const page of pages()) {
    for (const { path, shown, file } of filesIn(page)) {
      test(`${path} is that file`, () => {
        assert.equal(shown, file)
      })
    }
  }

  test('is more than nothing', () => {
    assert.ok(pages().flatMap(samplesIn).length >= 4)
  })
})
