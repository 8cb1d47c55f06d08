import { assertHookOrder, fakeProcess } from 'fastify-lifecycle/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { build } from '../orders.ts'

async function start(flush = vi.fn(async () => {})) {
  const db = { insert: vi.fn(async () => {}), end: vi.fn(async () => {}) }
  const app = await build({ consumer: { stop: vi.fn(async () => {}) }, outbox: { flush }, db })
  const fake = fakeProcess(app, { maxWait: 1_000 })
  onTestFinished(() => fake.close())
  return { app, fake, db }
}

test('the consumer stops first, the outbox before the database that it needs', async () => {
  const { fake, db } = await start()
  const { exitCode, report } = await fake.kill('SIGTERM')
  expect(exitCode).toBe(0)
  expect(db.end).toHaveBeenCalledOnce()
  assertHookOrder(report, 'consumer', 'outbox', 'db')
})

test('late orders are answered 503 while the service drains', async () => {
  const { app, fake } = await start()
  const draining = fake.hold('draining')
  const exit = fake.kill('SIGTERM')
  await draining.reached
  expect((await app.inject({ method: 'POST', url: '/orders', body: {} })).statusCode).toBe(503)
  draining.release()
  expect((await exit).exitCode).toBe(0)
})

test('an outbox that hangs times out, and the database still closes', async () => {
  const { fake, db } = await start(vi.fn(() => new Promise<void>(() => {})))
  const { exitCode, report } = await fake.kill('SIGTERM')
  expect(exitCode).toBe(1)
  expect(report.hooks).toMatchObject([
    { name: 'consumer', outcome: 'ok' },
    { name: 'outbox', outcome: 'timeout' },
    { name: 'db', outcome: 'ok', despite: ['outbox'] }
  ])
  expect(db.end).toHaveBeenCalledOnce()
})

test('mocked timers stop no shutdown', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { fake } = await start(vi.fn(() => new Promise<void>(() => {})))
  expect((await fake.kill('SIGTERM')).exitCode).toBe(1)
})
