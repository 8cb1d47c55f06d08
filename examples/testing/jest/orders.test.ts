import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { assertHookOrder, type FakeProcess, fakeProcess } from 'fastify-lifecycle/testing'
import { build } from '../orders.ts'

let app: FastifyInstance
let fake: FakeProcess
const flush = jest.fn<() => Promise<void>>()
const end = jest.fn<() => Promise<void>>()

beforeEach(async () => {
  flush.mockReset().mockResolvedValue()
  end.mockReset().mockResolvedValue()
  app = await build({
    consumer: { stop: async () => {} },
    outbox: { flush },
    db: { insert: async () => {}, end }
  })
  fake = fakeProcess(app, { maxWait: 1_000 })
})

afterEach(() => fake.close())

test('the consumer stops first, the outbox before the database that it needs', async () => {
  const { exitCode, report } = await fake.kill('SIGTERM')
  expect(exitCode).toBe(0)
  expect(end).toHaveBeenCalledTimes(1)
  assertHookOrder(report, 'consumer', 'outbox', 'db')
})

test('late orders are answered 503 while the service drains', async () => {
  const address = await app.listen({ port: 0 })
  const draining = fake.hold('draining')
  const exit = fake.kill('SIGTERM')
  await draining.reached
  const late = await fetch(`${address}/orders`, { method: 'POST' })
  expect(late.status).toBe(503)
  draining.release()
  expect((await exit).exitCode).toBe(0)
})

test('an outbox that hangs times out, and the database still closes', async () => {
  flush.mockReturnValue(new Promise(() => {}))
  const { exitCode, report } = await fake.kill('SIGTERM')
  expect(exitCode).toBe(1)
  expect(report.hooks).toMatchObject([
    { name: 'consumer', outcome: 'ok' },
    { name: 'outbox', outcome: 'timeout' },
    { name: 'db', outcome: 'ok', despite: ['outbox'] }
  ])
})
