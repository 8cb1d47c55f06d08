import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { everyTransport } from './every-transport.ts'
import { http1 } from './http1.ts'
import { listening } from './listening.ts'
import { observe, type Scenario } from './observe.ts'
import { webSocket } from './websocket.ts'

const scenarios: readonly Scenario[] = [...everyTransport, ...http1, ...webSocket, ...listening]

for (const transport of new Set(scenarios.map((scenario) => scenario.transport))) {
  describe(transport, () => {
    for (const scenario of scenarios.filter((one) => one.transport === transport)) {
      test(scenario.name, async () => {
        const { app, response, farewell, exit, msAfterLast } = await observe(scenario)
        assert.deepEqual({ response, farewell, exitCode: exit.code }, scenario.expected)
        assert.ok(msAfterLast < 1_000, `exited ${msAfterLast} ms after the last response`)
        assert.equal(app.stderr, '')
      })
    }
  })
}
