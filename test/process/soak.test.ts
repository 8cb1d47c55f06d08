import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wholeRun } from '../soak/run.ts'
import { scenarioOf } from '../soak/scenario.ts'

test('a seed makes the same scenario each time, and another one another', () => {
  assert.deepEqual(scenarioOf(7), scenarioOf(7))
  assert.notDeepEqual(scenarioOf(7), scenarioOf(8))
})

test('whatever the app, its clients and its end, nothing is lost that was promised', {
  timeout: 240_000
}, async () => {
  for (let seed = 1; seed <= 8; seed += 2) {
    for (const { violations, scenario } of await Promise.all([wholeRun(seed), wholeRun(seed + 1)])) {
      assert.deepEqual({ violations, scenario }, { violations: [], scenario })
    }
  }
})
