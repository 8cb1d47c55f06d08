import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { latch, makeApp, portOf } from '../../support/in-process.ts'

// What belongs to a request, but not to the time in which it is in flight.

describe('an asynchronous onResponse hook', () => {
  for (const isTracked of [false, true]) {
    test(`is ${isTracked ? 'waited for if it is tracked' : 'not waited for'}`, async (t) => {
      const app = await makeApp(t)
      const [begun, held] = [latch(), latch()]
      const order: string[] = []
      app.addHook('onResponse', async () => {
        const work = held.opened.then(() => sleep(500)).then(() => order.push('work'))
        if (isTracked) void app.lifecycle.track(work, 'audit')
        begun.open()
        await work
      })
      app.get('/', async () => 'done')
      await app.listen({ port: 0, host: '127.0.0.1' })
      assert.equal(await (await fetch(`http://127.0.0.1:${portOf(app)}/`)).text(), 'done')
      await begun.opened
      app.onShutdown('release', { phase: 'draining' }, () => {
        if (isTracked) held.open()
      })
      app.onShutdown('pool', () => {
        order.push('pool')
      })
      const report = await app.lifecycle.shutdown()
      held.open()
      assert.deepEqual(order, isTracked ? ['work', 'pool'] : ['pool'])
      assert.deepEqual([report.outcome, report.requests.inFlight], ['clean', 0])
      assert.deepEqual([report.work.inFlight, report.work.completed], isTracked ? [1, 1] : [0, 0])
    })
  }
})

test('an injected request is not waited for', async (t) => {
  const app = await makeApp(t)
  const [arrived, held] = [latch(), latch()]
  app.get('/', async () => {
    arrived.open()
    await held.opened
    return 'done'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = app.inject('/')
  answer.catch(() => {})
  await arrived.opened
  const { outcome, requests } = await app.lifecycle.shutdown()
  assert.deepEqual([outcome, requests.inFlight], ['clean', 0])
  held.open()
  assert.equal((await answer).body, 'done')
})
