import assert from 'node:assert/strict'
import { before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor
} from '@opentelemetry/sdk-trace-base'
import { traceLifecycle } from '../../examples/telemetry/opentelemetry.ts'
import { channels } from '../../index.ts'
import { cleanup } from '../support/cleanup.ts'
import { latch, makeApp } from '../support/in-process.ts'

const exporter = new InMemorySpanExporter()

before(() => {
  const contextManager = new AsyncLocalStorageContextManager()
  context.setGlobalContextManager(contextManager)
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  )
  traceLifecycle(contextManager['_asyncLocalStorage'])
})

beforeEach(() => exporter.reset())

/** Each span as the path of names from its root, in the order of their beginnings. */
function paths(spans: readonly ReadableSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]))
  const pathOf = (span: ReadableSpan): string => {
    const { parentSpanContext: parent } = span
    if (parent === undefined) return span.name
    const found = byId.get(parent.spanId)
    return `${found === undefined ? '?' : pathOf(found)} > ${span.name}`
  }
  return spans.map(pathOf).sort()
}

function spanNamed(name: string): ReadableSpan {
  const span = exporter.getFinishedSpans().find((one) => one.name === name)
  assert.ok(span, name)
  return span
}

/** What a client library does. */
async function query(name: string): Promise<void> {
  const span = trace.getTracer('client').startSpan(name)
  await sleep(1)
  span.end()
}

describe('a shutdown traced with OpenTelemetry', () => {
  test('is one tree: phases, hooks, and what clients do inside hooks', async (t) => {
    const app = await makeApp(t)
    await app.register(async (child) => {
      child.onShutdown('db', async () => {
        await query('COMMIT')
        await query('DISCONNECT')
      })
    })
    app.onShutdown('metrics', { dependsOn: [] }, () => query('PUSH'))
    app.onShutdown('consumer', { phase: 'lameDuck' }, () => query('LEAVE'))
    app.onShutdown('cache', { phase: 'draining' }, () => {
      trace.getTracer('client').startSpan('FLUSH').end()
    })
    const request = trace.getTracer('client').startSpan('request')
    await context.with(trace.setSpan(context.active(), request), () => app.close())
    await query('afterwards')
    request.end()
    assert.deepEqual(paths(exporter.getFinishedSpans()), [
      'afterwards',
      'request',
      'shutdown',
      'shutdown > closing',
      'shutdown > closing > db',
      'shutdown > closing > db > COMMIT',
      'shutdown > closing > db > DISCONNECT',
      'shutdown > closing > metrics',
      'shutdown > closing > metrics > PUSH',
      'shutdown > draining',
      'shutdown > draining > cache',
      'shutdown > draining > cache > FLUSH',
      'shutdown > lameDuck',
      'shutdown > lameDuck > consumer',
      'shutdown > lameDuck > consumer > LEAVE'
    ])
    assert.deepEqual(spanNamed('shutdown').attributes, {
      'lifecycle.reason': 'close',
      'lifecycle.outcome': 'clean',
      'lifecycle.exit_code': 0,
      'lifecycle.requests.completed': 0,
      'lifecycle.requests.rejected': 0,
      'lifecycle.requests.cut': 0
    })
    assert.equal(spanNamed('shutdown').status.code, SpanStatusCode.UNSET)
    assert.deepEqual(spanNamed('db').attributes, {
      'lifecycle.hook': 'db',
      'lifecycle.phase': 'closing',
      'lifecycle.outcome': 'ok'
    })
    assert.equal(spanNamed('db').status.code, SpanStatusCode.UNSET)
  })

  test('has the errors of the hooks that failed', async (t) => {
    const app = await makeApp(t)
    app.onShutdown('throwing', () => {
      throw new TypeError('no such thing')
    })
    app.onShutdown('rejecting', () => Promise.reject('text'))
    app.onShutdown('slow', { timeout: 10 }, () => new Promise(() => {}))
    await assert.rejects(app.close())
    const problems = ['throwing', 'rejecting', 'slow'].map((name) => {
      const { attributes, status, events } = spanNamed(name)
      return [
        attributes['lifecycle.outcome'],
        status.code === SpanStatusCode.ERROR,
        status.message,
        events[0]?.attributes?.['exception.message']
      ]
    })
    const slow = app.lifecycle.report?.hooks.find(({ name }) => name === 'slow')?.error?.message
    assert.match(String(slow), /'slow'/)
    assert.deepEqual(problems, [
      ['error', true, 'no such thing', 'no such thing'],
      ['error', true, 'text', 'text'],
      ['timeout', true, slow, slow]
    ])
    const { status, attributes } = spanNamed('shutdown')
    assert.deepEqual(status, { code: SpanStatusCode.ERROR, message: 'failed' })
    assert.equal(attributes['lifecycle.exit_code'], 1)
  })

  test('ends with the report what is not done by then', async (t) => {
    const app = await makeApp(t, { signals: ['SIGINT'] })
    const held = latch()
    cleanup(t, held.open)
    app.onShutdown('held', { phase: 'draining', timeout: 60_000 }, () => held.opened)
    await app.ready()
    const reported = new Promise<void>((resolve) => {
      const listener = () => {
        channels.report.unsubscribe(listener)
        resolve()
      }
      channels.report.subscribe(listener)
    })
    process.emit('SIGINT', 'SIGINT')
    // What comes sooner is the same Ctrl-C.
    await sleep(600)
    process.emit('SIGINT', 'SIGINT')
    await reported
    const before = exporter.getFinishedSpans().length
    assert.deepEqual(paths(exporter.getFinishedSpans()), [
      'shutdown',
      'shutdown > draining',
      'shutdown > draining > held',
      'shutdown > lameDuck'
    ])
    assert.equal(spanNamed('held').attributes['lifecycle.outcome'], 'unfinished')
    assert.equal(spanNamed('held').status.code, SpanStatusCode.ERROR)
    assert.equal(spanNamed('shutdown').attributes['lifecycle.signal'], 'SIGINT')
    assert.equal(spanNamed('shutdown').attributes['lifecycle.outcome'], 'abandoned')
    held.open()
    await app.close()
    assert.equal(exporter.getFinishedSpans().length, before)
  })

  test('has the error that nobody caught', async (t) => {
    const app = await makeApp(t, { signals: ['SIGHUP'], crashes: true })
    const reported = new Promise<void>((resolve) => app.lifecycle.once('report', () => setImmediate(resolve)))
    await app.ready()
    // An exception that really is uncaught would fail the test.
    const crash = process.listeners('uncaughtException').at(-1) as (error: Error) => void
    crash(new RangeError('crashed'))
    await reported
    const { attributes, events, status } = spanNamed('shutdown')
    assert.equal(attributes['lifecycle.reason'], 'uncaughtException')
    assert.equal(events[0]?.attributes?.['exception.type'], 'RangeError')
    assert.equal(status.code, SpanStatusCode.ERROR)
  })

  test('is one tree for each app', async (t) => {
    const apps = [await makeApp(t), await makeApp(t)] as const
    for (const [index, app] of apps.entries()) app.onShutdown(`db ${index}`, () => query(`COMMIT ${index}`))
    await Promise.all(apps.map((app) => app.close()))
    const spans = exporter.getFinishedSpans()
    assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 2)
    for (const index of [0, 1]) {
      const path = `shutdown > closing > db ${index} > COMMIT ${index}`
      assert.ok(paths(spans).includes(path), path)
    }
  })
})
