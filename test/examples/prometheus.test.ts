import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { measureLifecycle } from '../../examples/telemetry/prometheus.ts'
import { channels, type LifecycleOptions } from '../../index.ts'
import { request } from '../support/client.ts'
import { holdDrain, latch, makeApp, portOf } from '../support/in-process.ts'

interface Measured {
  readonly app: FastifyInstance
  readonly registry: Registry
}

async function measuredApp(t: TestContext, options: LifecycleOptions = {}): Promise<Measured> {
  const app = await makeApp(t, options)
  const registry = new Registry()
  measureLifecycle(app, registry)
  return { app, registry }
}

/** What Prometheus reads while so many other requests are in flight: each sample by its name and labels. */
async function scrape(app: FastifyInstance, others = 0): Promise<Record<string, number>> {
  // A client has its answer before the server is done with it.
  while (app.lifecycle.inFlight > others) await new Promise((resolve) => setImmediate(resolve))
  const { status, headers, body } = await request(portOf(app), '/metrics')
  assert.equal(status, 200)
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  return samplesOf(body)
}

function samplesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    })
  )
}

describe('an app measured with Prometheus', () => {
  test('that is ready says so, and counts what is in flight', async (t) => {
    const { app } = await measuredApp(t)
    const [arrived, held] = [latch(), latch()]
    app.get('/held', async () => {
      arrived.open()
      await held.opened
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const answered = request(portOf(app), '/held')
    await arrived.opened
    const samples = await scrape(app, 1)
    held.open()
    await answered
    assert.deepEqual(samples, {
      'lifecycle_phase{phase="ready"}': 1,
      lifecycle_requests_in_flight: 2,
      lifecycle_requests_rejected_total: 0,
      lifecycle_requests_cut_total: 0,
      lifecycle_drain_seconds: 0
    })
  })

  test('can be scraped during the drain', async (t) => {
    const { app } = await measuredApp(t)
    app.get('/', async () => {})
    await holdDrain(t, app)
    const first = await scrape(app)
    for (const _ of [1, 2, 3]) assert.equal((await request(portOf(app), '/')).status, 503)
    const second = await scrape(app)
    assert.equal(first['lifecycle_phase{phase="draining"}'], 1)
    assert.equal(first['lifecycle_requests_rejected_total'], 0)
    const { lifecycle_drain_seconds: seconds, ...rest } = second
    assert.deepEqual(rest, {
      'lifecycle_phase{phase="draining"}': 1,
      lifecycle_requests_in_flight: 1,
      lifecycle_requests_rejected_total: 3,
      lifecycle_requests_cut_total: 0
    })
    assert.ok((first['lifecycle_drain_seconds'] as number) > 0)
    assert.ok((seconds as number) > (first['lifecycle_drain_seconds'] as number))
  })

  test('has counted what was cut, and how long the drain took, when it is closed', async (t) => {
    const { app, registry } = await measuredApp(t, { drainTimeout: 50 })
    const arrived = latch()
    app.get('/hung', () => {
      arrived.open()
      return new Promise(() => {})
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const hung = assert.rejects(request(portOf(app), '/hung'))
    await arrived.opened
    const begin = performance.now()
    await app.close()
    const took = performance.now() - begin
    await hung
    const samples = samplesOf(await registry.metrics())
    assert.equal(samples['lifecycle_phase{phase="closed"}'], 1)
    assert.equal(samples['lifecycle_requests_cut_total'], 1)
    const seconds = samples['lifecycle_drain_seconds'] as number
    assert.ok(seconds > 0.04 && seconds * 1_000 < took, `${seconds} s, and the whole shutdown ${took} ms`)
    assert.equal(samplesOf(await registry.metrics())['lifecycle_drain_seconds'], seconds)
  })

  test('hears nothing of another app in the process', async (t) => {
    const { app, registry } = await measuredApp(t)
    const { app: other } = await measuredApp(t)
    await app.register(async (child) => {
      child.get('/child', async () => {})
    })
    await other.listen({ port: 0, host: '127.0.0.1' })
    await holdDrain(t, app)
    assert.equal((await request(portOf(app), '/child')).status, 503)
    assert.equal(samplesOf(await registry.metrics())['lifecycle_requests_rejected_total'], 1)
    assert.deepEqual(await scrape(other), {
      'lifecycle_phase{phase="ready"}': 1,
      lifecycle_requests_in_flight: 1,
      lifecycle_requests_rejected_total: 0,
      lifecycle_requests_cut_total: 0,
      lifecycle_drain_seconds: 0
    })
  })

  test('leaves no subscriber behind', async (t) => {
    const { app } = await measuredApp(t)
    assert.equal(channels.phase.hasSubscribers, true)
    await app.close()
    const { phase, rejected, cut } = channels
    assert.deepEqual(
      [phase, rejected, cut].map(({ hasSubscribers }) => hasSubscribers),
      [false, false, false]
    )
  })
})
