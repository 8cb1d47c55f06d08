import assert from 'node:assert/strict'
import { once } from 'node:events'
import { afterEach, beforeEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { assertHookOrder, type FakeProcess, fakeProcess } from 'fastify-lifecycle/testing'
import { build, type Resources } from '../orders.ts'

let done: string[]
let app: FastifyInstance
let fake: FakeProcess
let resources: Resources

beforeEach(async () => {
  done = []
  const does = (what: string) => async () => {
    await setImmediate()
    done.push(what)
  }
  resources = {
    consumer: { stop: does('consumer') },
    outbox: { flush: does('outbox') },
    db: { insert: does('insert'), end: does('db') }
  }
  app = await build(resources)
  fake = fakeProcess(app, { maxWait: 1_000 })
})

afterEach(() => fake.close())

test('the consumer stops first, the outbox before the database that it needs', async () => {
  const { exitCode, report } = await fake.kill('SIGTERM')
  assert.equal(exitCode, 0)
  assert.deepEqual(done, ['consumer', 'outbox', 'db'])
  assertHookOrder(report, 'consumer', 'outbox', 'db')
})

test('readiness fails while requests are still served', async () => {
  const lameDuck = fake.hold('lameDuck')
  const exit = fake.kill('SIGTERM')
  await lameDuck.reached
  assert.equal((await app.inject('/readyz')).statusCode, 503)
  assert.equal((await app.inject('/livez')).statusCode, 200)
  assert.equal((await app.inject({ method: 'POST', url: '/orders', body: {} })).statusCode, 201)
  lameDuck.release()
  await exit
})

test('late orders are answered 503, with Retry-After', async () => {
  const draining = fake.hold('draining')
  const exit = fake.kill('SIGTERM')
  await draining.reached
  const { statusCode, headers } = await app.inject({ method: 'POST', url: '/orders', body: {} })
  assert.equal(statusCode, 503)
  assert.ok(Number(headers['retry-after']) >= 1)
  draining.release()
  await exit
})

test('an order in flight is written before the database closes', async () => {
  const address = await app.listen({ port: 0 })
  const draining = fake.hold('draining')
  resources.db.insert = () => draining.reached.then(() => void done.push('insert'))
  const arrived = once(app.server, 'request')
  const order = fetch(`${address}/orders`, { method: 'POST' })
  await arrived
  const exit = fake.kill('SIGTERM')
  assert.equal((await order).status, 201)
  draining.release()
  assert.equal((await exit).exitCode, 0)
  assert.deepEqual(done, ['consumer', 'insert', 'outbox', 'db'])
})

test('an outbox that hangs times out, and the database still closes', async () => {
  resources.outbox.flush = () => new Promise(() => {})
  const { exitCode, report } = await fake.kill('SIGTERM')
  assert.equal(exitCode, 1)
  const outcomes = report.hooks.map(({ name, outcome }) => `${name}: ${outcome}`)
  assert.deepEqual(outcomes, ['consumer: ok', 'outbox: timeout', 'db: ok'])
})

test('a crash is a shutdown, too', async () => {
  const { exitCode, report } = await fake.crash(new Error('out of paper'))
  assert.equal(exitCode, 1)
  assert.equal('error' in report.reason && report.reason.error.message, 'out of paper')
  assert.deepEqual(done, ['consumer', 'outbox', 'db'])
})
