import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { writtenPages } from './pages.ts'
import { fileOf, masked, render, type Sample, samplesIn } from './samples.ts'

/**
 * What is shown can be seen again. On a machine that is overloaded a program may show less: a stack
 * that could not be read in time, a request that came too late. Then it gets another chance.
 */
async function assertSeenAgain(sample: Sample, chances = 5): Promise<void> {
  const { shown, file } = await render(sample)
  const isSeen = masked(sample.shown) === masked(shown) && masked(fileOf(sample)) === masked(file)
  if (!isSeen && chances > 1) return assertSeenAgain(sample, chances - 1)
  assert.equal(masked(shown), masked(sample.shown))
  assert.equal(masked(file), masked(fileOf(sample)))
}

describe('what the documentation shows', { concurrency: 2 }, () => {
  for (const page of writtenPages()) {
    for (const sample of samplesIn(page)) {
      test(`${sample.path} is that program, and what it prints: \`npm run docs\` writes it`, () =>
        assertSeenAgain(sample))
    }
  }

  test('is more than nothing', () => {
    assert.ok(writtenPages().flatMap(samplesIn).length >= 20)
  })
})
