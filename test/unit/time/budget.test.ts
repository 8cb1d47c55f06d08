import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Budget } from '../../../lib/time/budget.ts'
import fc from '../../support/properties.ts'

test('a share leaves something to everyone behind, and never is more than what is asked for', () => {
  fc.assert(
    fc.property(fc.nat(60_000), fc.nat(60_000), fc.nat(50), (total, wanted, others) => {
      const budget = new Budget(total)
      const { left } = budget
      const share = budget.share(wanted, others)
      assert.ok(share <= wanted)
      assert.ok(share <= total)
      assert.ok(share >= Math.min(wanted, budget.left / 2) - 1)
      assert.ok(share <= Math.max(left / 2, left - others * 250))
    })
  )
})

test('what is asked for is granted where there is room', () => {
  assert.equal(new Budget(9_000).share(5_000, 3), 5_000)
})

test('a budget of nothing grants nothing', () => {
  const budget = new Budget(0)
  assert.deepEqual([budget.left, budget.clamp(100), budget.share(100, 2)], [0, 0, 0])
})

test('nothing is granted more than the longest wait', () => {
  const budget = new Budget(9_000, 100)
  assert.deepEqual([budget.clamp(5_000), budget.share(5_000, 3), budget.share(50, 3)], [100, 100, 50])
  assert.ok(budget.left > 100)
})
