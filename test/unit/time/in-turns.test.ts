import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurns } from '../../../lib/time/in-turns.ts'

test('what takes long lets the event loop turn in between, in the order of the items', async () => {
  const items = Array.from({ length: 50 }, (_, index) => index)
  const done: number[] = []
  const seen = new Set<number>()
  const watch = setInterval(() => seen.add(done.length), 0)
  await inTurns(items, (item) => {
    const begin = performance.now()
    while (performance.now() - begin < 2);
    done.push(item)
  })
  clearInterval(watch)
  assert.deepEqual(done, items)
  assert.ok(seen.size >= 5, `the loop turned ${seen.size} times`)
})

test('what takes no time is done at once', () => {
  let sum = 0
  void inTurns([1, 2, 3], (item) => {
    sum += item
  })
  assert.equal(sum, 6)
})
