import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertWithin, inTime, unlessStalled } from '../../support/in-time.ts'
import { observe, type Scenario } from './observe.ts'
import { scenarios } from './scenarios.ts'

async function assertAsExpected(scenario: Scenario): Promise<void> {
  const { app, response, farewell, exit, msAfterLast } = await observe(scenario)
  assert.deepEqual({ response, farewell, exitCode: exit.code }, scenario.expected)
  assert.equal(app.stderr, '')
  assertWithin(msAfterLast, app.soon, 'the exit after the last response')
}

for (const transport of new Set(scenarios.map((scenario) => scenario.transport))) {
  describe(transport, () => {
    for (const scenario of scenarios.filter((one) => one.transport === transport)) {
      test(scenario.name, (t) => inTime(t, () => unlessStalled(() => assertAsExpected(scenario))))
    }
  })
}
