import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { observe } from './observe.ts'
import { scenarios } from './scenarios.ts'

for (const transport of new Set(scenarios.map((scenario) => scenario.transport))) {
  describe(transport, () => {
    for (const scenario of scenarios.filter((one) => one.transport === transport)) {
      test(scenario.name, async () => {
        const { app, response, farewell, exit, msAfterLast } = await observe(scenario)
        assert.deepEqual({ response, farewell, exitCode: exit.code }, scenario.expected)
        // Whoever waits for clients to go takes five seconds and more; the rest is left to busy machines.
        assert.ok(msAfterLast < 3_000, `exited ${msAfterLast} ms after the last response`)
        assert.equal(app.stderr, '')
      })
    }
  })
}
