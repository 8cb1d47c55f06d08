import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeApp, portOf } from '../../support/in-process.ts'

test('an app that mocks timers and the date in its tests does not touch the budget', async (t) => {
  const app = await makeApp(t, { lameDuck: { max: 50 } })
  app.onShutdown('slow', { timeout: 20 }, () => new Promise(() => {}))
  await app.listen({ port: 0, host: '127.0.0.1' })
  assert.ok(portOf(app) > 0)
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 0 })
  const begin = performance.now()
  const done = app.lifecycle.shutdown()
  t.mock.timers.setTime(1_000_000)
  const { outcome, hooks, duration } = await done
  const took = performance.now() - begin
  t.mock.timers.reset()
  assert.deepEqual([outcome, hooks[0]?.outcome], ['failed', 'timeout'])
  assert.ok(duration >= 65 && duration <= took, `${duration} of ${took} ms`)
})
